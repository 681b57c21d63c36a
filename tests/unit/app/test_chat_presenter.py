from dataclasses import replace

import pytest

from agent.protocol import commands, events
from agent.protocol.outbox_events import CallItemsListed
from agent.protocol.records import Call, CallStatus, Message, Outcome, Role
from app import demo
from app.presenters.desk import Desk
from sync.states import State


def started(text: str = "hello", conversation: str = demo.THREAD, cause: str = "") -> events.TurnStarted:
    message = Message("m100", conversation, "t100", Role.USER, text, demo.NOW_MS)
    return events.TurnStarted(cause=cause, turn_id="t100", message=message)


def ended(text: str = "done", **more: object) -> events.TurnEnded:
    message = Message("m101", demo.THREAD, "t100", Role.AGENT, text, demo.NOW_MS, label=demo.label(120))
    return events.TurnEnded(
        turn_id="t100", message=replace(message, **more), outcome=Outcome.ANSWERED, label=demo.label(120)
    )  # type: ignore[arg-type]


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    for event in demo.afternoon():
        desk.handle(event)
    return desk


def test_a_message_is_shown_only_once_it_is_stored(open_desk: Desk) -> None:
    before = len(open_desk.chat.rows)
    open_desk.composer.typed("hello")
    open_desk.composer.send()
    assert len(open_desk.chat.rows) == before
    open_desk.handle(started())
    assert [row.text for row in open_desk.chat.rows[-2:]] == ["hello", ""]
    assert open_desk.chat.rows[-1].writing


def test_tokens_are_written_into_the_answer(open_desk: Desk) -> None:
    open_desk.handle(started())
    for index, text in enumerate(("Once ", "upon ", "a time")):
        open_desk.handle(events.TokenArrived(turn_id="t100", index=index, text=text))
    assert open_desk.chat.rows[-1].text == "Once upon a time"
    open_desk.handle(ended("Once upon a time."))
    assert open_desk.chat.rows[-1].text == "Once upon a time."
    assert not open_desk.chat.rows[-1].writing
    assert open_desk.chat.rows[-1].footnote == "Starter 86e6a082 · on this machine · 120 ms"


def test_a_notice_stands_before_the_answer_that_is_written(open_desk: Desk, parts) -> None:
    open_desk.handle(started())
    heard = parts(open_desk.chat)
    notice = Message("n1", demo.THREAD, "", Role.NOTICE, "From here on: qwen", demo.NOW_MS)
    open_desk.handle(events.NoticeAdded(message=notice))
    assert [row.role for row in open_desk.chat.rows[-3:]] == [Role.USER, Role.NOTICE, Role.AGENT]
    assert open_desk.chat.rows[-1].writing
    assert ("opened", "") in heard
    open_desk.handle(events.NoticeAdded(message=replace(notice, conversation_id="elsewhere")))
    assert len([row for row in open_desk.chat.rows if row.role is Role.NOTICE]) == 1


def test_a_wrong_reading_is_told_to_the_core_and_its_answer_shown(open_desk: Desk, submitted) -> None:
    open_desk.chat.mark_misread("m4")
    assert submitted.last(commands.MarkMisread).message_id == "m4"
    open_desk.handle(events.MisreadMarked(message_id="m4", kept=True))
    assert "Kept on this machine" in open_desk.toasts.latest.text
    open_desk.handle(events.MisreadMarked(message_id="m4", kept=False, why="learning.corrections is off"))
    assert open_desk.toasts.latest.text == "learning.corrections is off"


def test_a_finished_answer_trades_its_key(open_desk: Desk, parts) -> None:
    open_desk.handle(started())
    heard = parts(open_desk.chat)
    open_desk.handle(ended())
    assert ("row", "t100>m101") in heard
    assert open_desk.chat.row("m101")


def test_a_cut_answer_says_so(open_desk: Desk) -> None:
    open_desk.handle(started())
    open_desk.handle(ended("half a", complete=False))
    assert open_desk.chat.rows[-1].footnote.endswith("stopped")


def test_turns_of_other_conversations_stay_there(open_desk: Desk) -> None:
    before = list(open_desk.chat.rows)
    open_desk.handle(started(conversation="another"))
    open_desk.handle(events.TokenArrived(turn_id="t100", index=0, text="x"))
    assert open_desk.chat.rows == before
    assert open_desk.chat.running_turn == "t100"


def test_cancel_is_asked_only_while_a_turn_runs(open_desk: Desk, submitted) -> None:
    open_desk.chat.cancel()
    assert not submitted.all(commands.CancelTurn)
    open_desk.handle(started())
    open_desk.chat.cancel()
    assert len(submitted.all(commands.CancelTurn)) == 1


def test_a_card_follows_its_outbox_item(open_desk: Desk, parts) -> None:
    row = open_desk.chat.rows[-1]
    assert [card.words for card in open_desk.chat.cards(row)] == ["Done", "Waiting for your approval"]
    heard = parts(open_desk.chat)
    queued = replace(demo.ITEMS[0], state=State.QUEUED)
    open_desk.handle(events.ItemChanged(item=queued))
    assert heard == [("row", row.key)]
    delivered = replace(queued, state=State.DELIVERED, delivered_at=demo.NOW_MS)
    open_desk.handle(events.ItemChanged(item=delivered))
    assert open_desk.chat.cards(row)[1].words.startswith("Delivered ")


def test_what_was_read_before_and_told_after_changes_no_card(open_desk: Desk) -> None:
    """The thread of the sessions reads, whoever delivers tells, and then what was read comes."""
    row = open_desk.chat.rows[-1]
    first = demo.ITEMS[0]
    sending = replace(first, state=State.SENDING, updated_at=first.updated_at + 1)
    delivered = replace(first, state=State.DELIVERED, delivered_at=demo.NOW_MS, updated_at=first.updated_at + 2)
    call = next(call for call in row.calls if call.outbox_id == first.id)
    open_desk.handle(events.ItemChanged(item=delivered))
    for late in (CallItemsListed(items={call.id: sending}), events.ItemsListed(items=(sending,), counts={})):
        open_desk.handle(late)
        assert open_desk.chat.cards(row)[1].words.startswith("Delivered ")


def test_what_a_clock_that_was_ahead_wrote_does_not_stay_for_ever(open_desk: Desk) -> None:
    row = open_desk.chat.rows[-1]
    ahead = replace(demo.ITEMS[0], state=State.SENDING, updated_at=demo.NOW_MS + 1)
    open_desk.handle(events.ItemChanged(item=ahead))
    open_desk.handle(events.ItemChanged(item=replace(ahead, state=State.DELIVERED, updated_at=demo.NOW_MS)))
    assert open_desk.chat.cards(row)[1].words.startswith("Delivered")


def test_a_card_follows_the_item_that_replaced_its_own(open_desk: Desk) -> None:
    row = open_desk.chat.rows[-1]
    edited = replace(demo.ITEMS[0], id="fresh", replaces=demo.ITEMS[0].id, state=State.QUEUED,
                     args={**demo.ITEMS[0].args, "subject": "Signed!"})  # fmt: skip
    open_desk.handle(events.ItemChanged(item=replace(demo.ITEMS[0], state=State.CANCELLED)))
    open_desk.handle(events.ItemChanged(item=edited))
    card = open_desk.chat.cards(row)[1]
    assert card.item_id == "fresh"
    assert ("Subject", "Signed!") in card.lines
    assert card.words == "Queued until online"


def test_a_decided_proposal_updates_its_card(open_desk: Desk, submitted) -> None:
    open_desk.handle(demo.longer())
    row = open_desk.chat.rows[-1]
    assert open_desk.chat.cards(row)[0].diff
    open_desk.chat.decide("k5", accept=True)
    assert submitted.last(commands.DecideProposal).accept
    call = Call("k5", "t4", "rc.set", {"key": "tone", "value": "terse"}, CallStatus.DONE, "tone is now terse")
    open_desk.handle(events.CallSettled(turn_id="t4", call=call))
    card = open_desk.chat.cards(open_desk.chat.rows[-1])[0]
    assert (card.words, card.actions, card.detail) == ("Done", (), "tone is now terse")


def test_calls_of_one_turn_keep_their_order(open_desk: Desk) -> None:
    open_desk.handle(started())
    first = Call("x1", "t100", "note.create", {"title": "A"}, CallStatus.DONE)
    second = Call("x2", "t100", "note.create", {"title": "B"}, CallStatus.DONE)
    for call in (first, second, replace(first, result="again")):
        open_desk.handle(events.CallSettled(turn_id="t100", call=call))
    assert [call.id for call in open_desk.chat.rows[-1].calls] == ["x1", "x2"]


def test_the_newest_conversation_opens_by_itself_once(desk: Desk, submitted) -> None:
    desk.handle(events.ConversationsListed(conversations=demo.CONVERSATIONS, query=""))
    assert submitted.last(commands.OpenConversation).conversation_id == demo.THREAD
    desk.handle(events.ConversationsListed(conversations=demo.CONVERSATIONS, query=""))
    assert len(submitted.all(commands.OpenConversation)) == 1


def test_what_is_typed_before_the_profile_opens_is_left_alone(desk: Desk, submitted) -> None:
    desk.composer.typed("quick thought")
    desk.handle(events.ConversationsListed(conversations=demo.CONVERSATIONS, query=""))
    assert not submitted.all(commands.OpenConversation)
    assert desk.composer.text == "quick thought"


def test_trashing_the_open_conversation_leaves_an_empty_page(open_desk: Desk) -> None:
    open_desk.handle(events.ConversationTrashed(conversation=demo.CONVERSATIONS[0]))
    assert open_desk.chat.rows == []
    assert open_desk.chat.conversation is None
