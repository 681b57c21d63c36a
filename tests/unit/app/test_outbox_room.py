"""The Outbox's presenter over a real core: pages, filters, groupings, marks, plans."""

from collections.abc import Iterator

import pytest

from agent.outbox import deciding
from agent.paths import Paths
from agent.protocol import commands, outbox_commands
from agent.protocol.records import Call, CallStatus
from app.presenters.cards import card
from app.presenters.outbox_sections import HELD_MAX, PAGE
from sync.intent import Need
from tests.outbox_core import OutboxCore, outbox_core


@pytest.fixture
def core(paths: Paths) -> Iterator[OutboxCore]:
    with outbox_core(paths) as made:
        yield made


def titles(core: OutboxCore) -> list[str]:
    return [row.about for row in core.desk.outbox.rows if row.kind == "item"]


def kinds(core: OutboxCore) -> list[str]:
    return [row.kind for row in core.desk.outbox.rows]


def test_a_long_list_is_held_in_pages_and_slides(core: OutboxCore) -> None:
    many = HELD_MAX + 3 * PAGE
    items = [core.mail(f"number {number}") for number in range(many)]
    core.show()
    outbox = core.desk.outbox
    assert len(titles(core)) == PAGE
    assert kinds(core)[-1] == "more"
    assert outbox.rows[0].title == f"Needs you · {many:,}"
    seen = dict.fromkeys(row.id for row in outbox.rows if row.kind == "item")
    for _ in range(many // PAGE):
        outbox.more("more:Needs you")
        core.settle()
        seen |= dict.fromkeys(row.id for row in outbox.rows if row.kind == "item")
        assert len(titles(core)) <= HELD_MAX
    assert list(seen) == [item.id for item in reversed(items)], "newest first, each once, none left out"
    assert "more" not in kinds(core)
    assert kinds(core)[1] == "before"
    while "before" in kinds(core):
        outbox.more("before:Needs you")
        core.settle()
    assert next(row.id for row in outbox.rows if row.kind == "item") == items[-1].id


def test_what_arrives_while_one_looks_elsewhere_moves_nothing(core: OutboxCore) -> None:
    for number in range(HELD_MAX + 2 * PAGE):
        core.mail(f"number {number}")
    core.show()
    for _ in range(4):
        core.desk.outbox.more("more:Needs you")
        core.settle()
    before = titles(core)
    core.mail("new")
    core.desk.outbox.refresh()
    core.settle()
    assert titles(core) == before


def test_filters_are_asked_of_the_store_and_stay(core: OutboxCore) -> None:
    core.mail("contract")
    core.post("contract is signed")
    core.post("lunch", channel="lunch")
    core.show()
    outbox = core.desk.outbox
    outbox.filter(query="contr")
    core.settle()
    assert sorted(titles(core)) == ["contract", "contract is signed"]
    outbox.filter(destination="webhook:ops")
    core.settle()
    assert titles(core) == ["contract is signed"]
    assert [chip.words for chip in outbox.chips] == ["ops (channel)"]
    core.desk.show_view("chat")
    core.show()
    assert outbox.chosen.destination == "webhook:ops"
    outbox.filter(group="Delivered")
    core.settle()
    assert titles(core) == []
    assert "Delivered" in outbox.nothing
    assert "ops (channel)" in outbox.nothing
    outbox.widen()
    core.settle()
    assert len(titles(core)) == 3


def test_by_destination_each_says_how_it_is_reached_and_is_tried_alone(core: OutboxCore) -> None:
    core.mail("contract")
    waiting = core.post("landing")
    core.show()
    outbox = core.desk.outbox
    outbox.filter(by="destination")
    core.settle()
    heads = [(row.title, row.words) for row in outbox.rows if row.kind == "place"]
    assert heads == [("work (e-mail account)", "Nothing on its way"), ("ops (channel)", "Queued until online")]
    assert len(titles(core)) == 2
    outbox.choose("place:webhook:ops")
    core.settle()
    assert outbox.place is not None
    assert outbox.detail is None
    assert titles(core) == ["contract"], "pressing the heading closes it"
    outbox.try_place("webhook:ops")
    core.settle()
    assert [step["what"] for step in core.runtime.outbox.timeline(waiting.id)][-1] == "You asked to try again."


def test_by_conversation_titles_stand_above_their_items(core: OutboxCore) -> None:
    talk = core.runtime.conversations.create("Contract with Halden")
    core.mail("contract", conversation_id=talk.id)
    core.post("landing")
    core.mail("invoice", conversation_id=talk.id)
    core.show()
    core.desk.outbox.filter(by="conversation")
    core.settle()
    assert [row.title for row in core.desk.outbox.rows if row.kind == "heading"] == [
        "Contract with Halden", "No conversation",
    ]  # fmt: skip


def test_many_are_approved_at_once_and_taken_back(core: OutboxCore) -> None:
    items = [core.mail(f"number {number}") for number in range(3)]
    core.show()
    outbox = core.desk.outbox
    for item in items:
        outbox.mark(item.id)
    assert [action.name for action in outbox.bulk_actions] == ["approve", "cancel"]
    outbox.decide("approve")
    core.settle()
    assert outbox.outcome is not None
    assert outbox.outcome.words == "3 approved."
    assert {str(core.runtime.outbox.get(item.id).state) for item in items} == {"queued"}
    outbox.take_back()
    core.settle()
    assert {str(core.runtime.outbox.get(item.id).state) for item in items} == {"cancelled"}
    assert outbox.outcome is not None
    assert outbox.outcome.back == "Send them after all", "they had a yes, so they would not ask again"
    outbox.take_back()
    core.settle()
    assert {str(core.runtime.outbox.get(item.id).state) for item in items} == {"queued"}


def test_what_another_item_brings_is_said_in_words_and_edited_as_it_is(core: OutboxCore) -> None:
    call, token = "0123456789abcdef", "link-of-012345678"
    first = core.mail("login is broken", call_id=call)
    second = core.post(f"see {token}", needs=(Need(first.id, token, "url"),))
    core.show()
    outbox = core.desk.outbox
    words = f"see the link of “{first.sentence}”"
    assert next(row.about for row in outbox.rows if row.id == second.id).startswith("after “")
    outbox.open(second.id)
    core.settle()
    assert outbox.detail is not None
    assert ("Text", words) in outbox.detail.what
    assert dict(outbox.detail.editable)["text"] == f"see {token}"
    stored = core.runtime.outbox.get(second.id)
    call_of_it = Call("c", "t", "message.post", stored.args, CallStatus.QUEUED, outbox_id=second.id)
    assert words in [value for _, value in card(call_of_it, stored, 0).lines]
    core.runtime.outbox.resolve(first.id, "delivered", {"url": "https://example.org/7"})
    assert core.runtime.outbox.get(second.id).args["text"] == "see https://example.org/7"


def test_what_was_taken_back_is_not_sent_along_with_the_rest(core: OutboxCore) -> None:
    gone, goes = core.post("gone"), core.post("goes")
    core.runtime.outbox.cancel(gone.id)
    core.runtime.connection.execute("UPDATE outbox_item SET state = 'failed' WHERE id = ?", (goes.id,))
    core.show()
    outbox = core.desk.outbox
    for item in (gone, goes):
        outbox.mark(item.id)
    outbox.decide("retry")
    core.settle()
    assert [str(core.runtime.outbox.get(item.id).state) for item in (gone, goes)] == ["cancelled", "queued"]
    outbox.mark(gone.id)
    assert [action.name for action in outbox.bulk_actions] == ["retry"], "alone it may be sent after all"
    outbox.decide("retry")
    core.settle()
    assert str(core.runtime.outbox.get(gone.id).state) == "queued"


def test_what_was_cancelled_is_put_back_as_it_was(core: OutboxCore) -> None:
    asks, goes = core.mail("asks"), core.post("goes")
    core.show()
    outbox = core.desk.outbox
    outbox.mark_held()
    outbox.decide("cancel")
    core.settle()
    assert outbox.outcome is not None
    assert outbox.outcome.back == "Put them back"
    outbox.take_back()
    core.settle()
    assert [str(core.runtime.outbox.get(item.id).state) for item in (asks, goes)] == ["waiting_approval", "queued"]


def test_marking_all_never_reaches_into_a_closed_destination(core: OutboxCore) -> None:
    for number in range(PAGE + 5):
        core.mail(f"number {number}")
    hidden = core.post("landing")
    core.show()
    outbox = core.desk.outbox
    outbox.filter(by="destination")
    core.settle()
    outbox.choose("place:webhook:ops")
    core.settle()
    outbox.mark_held()
    assert outbox.marked == PAGE
    outbox.decide("cancel")
    core.settle()
    assert str(core.runtime.outbox.get(hidden.id).state) == "queued"


def test_what_strangers_words_came_before_is_looked_at_one_by_one(core: OutboxCore) -> None:
    plain = core.mail("plain")
    warned = [core.mail(f"warned {number}", sources=("the page example.org",)) for number in range(2)]
    core.show()
    outbox = core.desk.outbox
    outbox.mark_held()
    outbox.decide("approve")
    core.settle()
    assert str(core.runtime.outbox.get(plain.id).state) == "queued"
    assert {str(core.runtime.outbox.get(item.id).state) for item in warned} == {"waiting_approval"}
    assert outbox.outcome is not None
    assert "strangers" in outbox.outcome.words
    outbox.look_at_each()
    core.settle()
    first = outbox.item_id
    assert first in [item.id for item in warned]
    assert outbox.detail is not None
    assert "the page example.org" in outbox.detail.warning
    outbox.act(first, "approve")
    core.settle()
    assert outbox.item_id in [item.id for item in warned if item.id != first], "the next one is opened"


def test_everything_listed_can_be_cancelled_though_it_is_not_held(core: OutboxCore) -> None:
    for number in range(PAGE + 10):
        core.mail(f"number {number}")
    other = core.post("landing")
    core.show()
    outbox = core.desk.outbox
    outbox.filter(destination="smtp:work")
    core.settle()
    outbox.mark_held()
    assert outbox.marked == -1
    outbox.decide("cancel")
    core.settle()
    assert core.runtime.outbox.counts() == {"cancelled": PAGE + 10, "queued": 1}
    assert str(core.runtime.outbox.get(other.id).state) == "queued"
    assert outbox.outcome is not None
    assert outbox.outcome.words == f"{PAGE + 10} cancelled."


def test_what_could_not_be_decided_says_why(core: OutboxCore) -> None:
    item = core.mail("contract")
    core.show()
    core.desk.outbox.mark(item.id)
    core.runtime.outbox.approve(item.id)  # by another process, a moment before
    core.desk.outbox.decide("approve")
    core.settle()
    assert core.desk.outbox.outcome is not None
    why = "An item that is queued cannot be approved. It goes by itself."
    assert core.desk.outbox.outcome.words == f"0 approved. 1 could not be: {why}"


def test_a_plan_is_shown_and_approved_together(core: OutboxCore) -> None:
    first, second = core.plan()
    core.show()
    outbox = core.desk.outbox
    row = next(row for row in outbox.rows if row.id == second.id)
    assert row.about == "after “E-mail to dana@halden.example”"
    outbox.open(second.id)
    core.settle()
    detail = outbox.detail
    assert detail is not None
    assert detail.after == ((first.id, "E-mail to dana@halden.example"),)
    assert [step.current for step in detail.plan] == [False, True]
    assert "approve_plan" in [action.name for action in detail.actions]
    outbox.act(second.id, "approve_plan")
    core.settle()
    assert core.runtime.outbox.counts() == {"queued": 2}


def test_a_held_one_says_why_and_can_be_let_go(core: OutboxCore) -> None:
    first, second = core.plan()
    core.runtime.outbox.cancel(first.id)
    core.show()
    outbox = core.desk.outbox
    outbox.open(second.id)
    core.settle()
    assert outbox.detail is not None
    assert "was taken back" in outbox.detail.trouble
    outbox.act(second.id, "free")
    core.settle()
    assert core.runtime.outbox.get(second.id).waits_for == 0


def test_a_thousand_deliveries_in_the_background_are_counted_once_at_a_time(core: OutboxCore) -> None:
    from agent.protocol import events

    items = [core.post(f"number {number}") for number in range(100)]
    core.desk.show_view("chat")
    core.settle()
    core.asked.clear()
    for item in items:
        core.desk.handle(events.ItemChanged(item=item))
    assert len([one for one in core.asked if isinstance(one, commands.ListItems)]) == 1
    core.settle()
    assert len([one for one in core.asked if isinstance(one, commands.ListItems)]) == 2


def test_a_room_at_rest_asks_for_no_pages(core: OutboxCore) -> None:
    from agent.protocol import events

    item = core.post("landing")
    core.show()
    core.desk.show_view("chat")
    core.settle()
    core.asked.clear()
    core.desk.handle(events.ItemChanged(item=item))
    core.settle()
    assert not [one for one in core.asked if isinstance(one, outbox_commands.ListPage)]
    core.show()
    assert [one for one in core.asked if isinstance(one, outbox_commands.ListPage)]


def test_a_plan_approved_beside_a_conversation_is_told_there(core: OutboxCore) -> None:
    first = core.mail("first", sources=("the page example.org",))
    second = core.post("second", approval=True, needs=(Need(first.id),))
    core.desk.show_view("chat")
    core.desk.outbox.open(second.id)
    core.settle()
    core.desk.outbox.act(second.id, "approve_plan")
    core.settle()
    assert core.desk.toasts.latest is not None
    assert core.desk.toasts.latest.text.startswith("1 approved. 1 was decided after reading what strangers wrote")


def test_a_decision_about_very_many_tells_how_far_it_is_and_can_be_stopped(
    core: OutboxCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "PART", 2)
    for number in range(6):
        core.mail(f"number {number}")
    core.show()
    outbox = core.desk.outbox
    heard: list[tuple[int, int] | None] = []

    def listen(_part: str, _key: str) -> None:
        if outbox.deciding and outbox.deciding not in heard:
            heard.append(outbox.deciding)
            outbox.stop_deciding()

    outbox.listen(listen)
    outbox.mark_held()
    outbox.decide("approve")
    core.settle()
    assert heard == [(2, 6)]
    assert core.runtime.outbox.counts() == {"queued": 2, "waiting_approval": 4}
    assert outbox.outcome is not None
    assert outbox.outcome.words == "2 approved. There are more: do it again for the rest."
    assert outbox.deciding is None
