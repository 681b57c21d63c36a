"""Messages, calls, drafts: on the disk before anybody sees them, whole, whatever they hold."""

import json
import time
from dataclasses import replace

import pytest

from agent.conversation import Conversations
from agent.conversation.errors import MessageTooLongError, NoConversationError
from agent.conversation.texts import MESSAGE_BYTES_MAX
from agent.protocol.commands import new_id
from agent.protocol.records import AnswerLabel, Call, CallStatus, Outcome, Role
from agent.store import Store, open_store, transaction
from agent.store.texts import storable

LABEL = AnswerLabel("local", "starter", "ab" * 32, "", "p1", "c1", 0.1 + 0.2, 12.5, 80.25)


def test_a_message_is_committed_when_begin_turn_returns(store: Store, conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "email Dana")
    other = open_store(store.path)
    (seen,) = Conversations(other, time.time).messages(asked.conversation_id)
    other.close()
    assert seen == asked
    assert asked.role is Role.USER


def test_a_turn_with_its_calls_comes_back_as_it_was(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "remind me on Friday")
    call = Call(new_id(), asked.turn_id, "task.add", {"title": "invoice her", "due": "Friday"}, CallStatus.DONE,
                "Noted.", None, "a1", {"due": None, "n": 1.5})  # fmt: skip
    with transaction(conversations._connection):
        conversations.add_call(call)
    assert conversations.messages(asked.conversation_id)[0].calls == (call,)  # shown while there is no answer yet
    said = conversations.end_turn(asked.turn_id, "Done.", Outcome.CALLED, LABEL)
    assert said.calls == (call,)
    assert said.label == LABEL
    first, second = conversations.messages(asked.conversation_id)
    assert (first.calls, second) == ((), said)
    assert conversations.message(said.id) == said
    assert conversations.question_of(said.id) == asked


def test_a_call_is_settled_later(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "be terse")
    call = Call(new_id(), asked.turn_id, "rc.set", {"key": "tone"}, CallStatus.PROPOSED, "?", facts={"old": "warm"})
    conversations.add_call(call)
    settled = conversations.settle_call(call.id, CallStatus.DONE, "Set.")
    assert settled == replace(call, status=CallStatus.DONE, result="Set.")
    assert conversations.call(call.id) == settled
    with pytest.raises(NoConversationError, match="reset back first"):
        conversations.call("gone")


def test_a_call_joins_the_callers_transaction(store: Store, conversations: Conversations) -> None:
    def together() -> None:
        with transaction(store):
            conversations.add_call(Call("c", asked.turn_id, "x", {}, CallStatus.DONE))
            raise ZeroDivisionError

    asked = conversations.begin_turn(None, "x")
    with pytest.raises(ZeroDivisionError):
        together()
    assert conversations.messages(asked.conversation_id)[0].calls == ()


@pytest.mark.parametrize("text", ["a" * 1_000_000, "ä🎉\n" * 200_000, "nul \x00 inside", "", "  ", "\ufeffmark"])
def test_text_is_kept_as_it_is(conversations: Conversations, text: str) -> None:
    asked = conversations.begin_turn(None, text)
    assert conversations.messages(asked.conversation_id)[0].text == text
    conversations.reset(asked.conversation_id)
    conversations.undo(asked.conversation_id)
    assert conversations.messages(asked.conversation_id)[0].text == text


def test_half_a_surrogate_pair_does_not_lose_the_message(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "keep \ud83d this")
    assert conversations.messages(asked.conversation_id)[0].text == "keep \ufffd this"
    assert storable("\ud83d\ude00") == "😀"


def test_more_than_a_message_holds_is_refused_with_a_way_out(conversations: Conversations) -> None:
    place = conversations.create().id
    with pytest.raises(MessageTooLongError, match="4 MB") as said:
        conversations.begin_turn(place, "x" * (MESSAGE_BYTES_MAX + 1))
    assert "library" in said.value.todo
    assert conversations.messages(place) == ()
    assert conversations.unfinished_turns() == ()


def test_unknown_ids_are_named(conversations: Conversations) -> None:
    asks = [
        conversations.get, conversations.message, conversations.question_of, conversations.reset, conversations.trash,
        conversations.purge, conversations.undo, conversations.rewind, conversations.branch, conversations.call,
        lambda unknown: conversations.begin_turn(unknown, "x"),
        lambda unknown: conversations.rename(unknown, "x"),
        lambda unknown: conversations.end_turn(unknown, "", None, LABEL),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(NoConversationError) as said:
            ask("no-such-id")
        assert "no-such-id" in said.value.where
        assert said.value.todo


def test_the_first_message_names_the_thread(conversations: Conversations) -> None:
    long = conversations.begin_turn(None, "please write to\nDana " + "and to everybody else " * 20)
    title = conversations.get(long.conversation_id).title
    assert title.startswith("please write to Dana and")
    assert title.endswith("…")
    assert len(title) <= 61
    own = conversations.create("Mine")
    conversations.begin_turn(own.id, "something")
    assert conversations.get(own.id).title == "Mine"
    assert conversations.rename(own.id, "  New\nname ").title == "New name"


def test_a_draft_waits_and_goes_when_it_is_sent(conversations: Conversations) -> None:
    place = conversations.create().id
    conversations.save_draft(place, "half a thou")
    conversations.save_draft(place, "half a thought")
    conversations.save_draft(None, "for a new one")
    assert conversations.draft(place) == conversations.get(place).draft == "half a thought"
    conversations.begin_turn(place, "something else, from the command line")
    assert conversations.draft(place) == "half a thought"
    conversations.begin_turn(place, "half a thought ")
    assert conversations.draft(place) == ""
    assert conversations.draft(None) == "for a new one"
    conversations.begin_turn(None, "for a new one")
    assert conversations.draft(None) == ""
    conversations.save_draft(place, "x")
    conversations.save_draft(place, "")
    assert conversations.draft(place) == ""


def test_the_list_is_newest_first_with_counts(conversations: Conversations) -> None:
    one, two = conversations.begin_turn(None, "one"), conversations.begin_turn(None, "two")
    conversations.end_turn(one.turn_id, "answer", Outcome.ANSWERED, LABEL)
    assert [(found.title, found.messages) for found in conversations.list()] == [("one", 2), ("two", 1)]
    assert [found.title for found in conversations.list(limit=1)] == ["one"]
    assert conversations.get(two.conversation_id).messages == 1


def test_notices_are_shown_and_kept_from_the_model(conversations: Conversations) -> None:
    asked = conversations.begin_turn(None, "hello")
    conversations.notice(asked.conversation_id, "From now on: chat model X")
    assert [said.role for said in conversations.messages(asked.conversation_id)] == [Role.USER, Role.NOTICE]
    assert [said.message.role for said in conversations.messages_for_model(asked.conversation_id)] == [Role.USER]


def test_exports(conversations: Conversations, tmp_path) -> None:  # type: ignore[no-untyped-def]
    asked = conversations.begin_turn(None, "what is 2+2?")
    conversations.add_call(Call("c", asked.turn_id, "calc.evaluate", {"expression": "2+2"}, CallStatus.DONE, "4"))
    conversations.end_turn(asked.turn_id, "It is *4*.", Outcome.CALLED, LABEL)
    conversations.export(asked.conversation_id, tmp_path / "a" / "x.md")
    text = (tmp_path / "a" / "x.md").read_text()
    assert text.startswith("# what is 2+2?\n")
    assert "It is *4*." in text
    assert "calc.evaluate: done. 4" in text
    conversations.export(asked.conversation_id, tmp_path / "x.json")
    document = json.loads((tmp_path / "x.json").read_text())
    assert document["messages"][1]["calls"][0]["args"] == {"expression": "2+2"}
    assert document["created_at"].endswith("Z")
    with pytest.raises(Exception, match="Markdown or JSON"):
        conversations.export(asked.conversation_id, tmp_path / "x.exe")
