"""The thread as a model reads it: what was said and done in its order, the same each time it is put together."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agent.conversation.rounds import Round, Spoken, Written, rounds_of, rounds_text
from agent.loop.prompt import NO_ANSWER, Retelling, assembled, older, pasts
from agent.loop.tool_names import ToolNames
from agent.protocol.records import Call, CallStatus, Message, Role
from models.contracts import CALLS_MAX, ToolCall
from models.contracts import Message as ChatMessage

NOON = int(datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
RETELLING = Retelling(ToolNames(["note.create", "email.send"]), lambda call: f"<{call.status.value}>")
NOTE = Call("aaaa-1", "t1", "note.create", {"body": "milk"}, CallStatus.DONE)
MAIL = Call("bbbb-2", "t1", "email.send", {"to": "Dana"}, CallStatus.WAITING)


def turn(text: str, answer: str | None, *calls: Call, rounds: tuple[Round, ...] = (), n: int = 1) -> list[Spoken]:
    asked = Message(f"u{n}", "c", f"t{n}", Role.USER, text, NOON + n)
    if answer is None:
        return [Spoken(replace(asked, calls=calls), 2 * n)]
    said = Message(f"a{n}", "c", f"t{n}", Role.AGENT, answer, NOON + n, calls)
    return [Spoken(asked, 2 * n), Spoken(said, 2 * n + 1, rounds)]


def retold(*thread: Spoken) -> list[ChatMessage]:
    return [part for past in pasts(thread, RETELLING) for part in past.said]


def test_what_a_model_said_and_called_comes_back_in_its_order() -> None:
    rounds = (Round("Let me see. ", (Written("x1", NOTE.id),)), Round("", (Written("x2", MAIL.id),)))
    assert retold(*turn("do it", "Let me see. \n\nAll set.", NOTE, MAIL, rounds=rounds)) == [
        ChatMessage("assistant", "Let me see. ", (ToolCall("x1", "note_create", {"body": "milk"}),)),
        ChatMessage("tool", "<done>", answers="x1"),
        ChatMessage("assistant", "", (ToolCall("x2", "email_send", {"to": "Dana"}),)),
        ChatMessage("tool", "<waiting_approval>", answers="x2"),
        ChatMessage("assistant", "All set."),
    ]


def test_what_the_starter_did_is_shown_as_a_call_and_not_as_words_alone() -> None:
    called, result, said = retold(*turn("note milk", "I wrote the note.", NOTE))
    assert (called.calls[0].name, result.answers) == ("note_create", called.calls[0].id)
    assert said == ChatMessage("assistant", "I wrote the note.")


def test_a_call_that_a_crash_left_without_its_place_is_not_lost() -> None:
    rounds = (Round("First. ", (Written("x1", NOTE.id),)),)
    told = retold(*turn("do it", "First. \n\nCarryon was closed.", NOTE, MAIL, rounds=rounds))
    assert [call.name for message in told for call in message.calls] == ["email_send", "note_create"]
    assert told[-1].text == "Carryon was closed."


def test_no_message_holds_more_calls_than_a_request_may_carry() -> None:
    many = [replace(NOTE, id=f"note-{number}") for number in range(CALLS_MAX + 3)]
    told = retold(*turn("do it", "Done.", *many))
    assert [len(message.calls) for message in told if message.calls] == [CALLS_MAX, 3]


def test_what_changes_an_earlier_call_stays_as_the_model_wrote_it() -> None:
    written = Written("x1", NOTE.id, "call_change", {"call": "aaaa1", "argument": "body", "value": "eggs"})
    (called, _, _) = retold(*turn("eggs", "Changed.", NOTE, rounds=(Round("", (written,)),)))
    assert called.calls == (ToolCall("x1", "call_change", dict(written.arguments)),)


def test_a_turn_without_an_answer_still_has_one_so_that_both_take_turns() -> None:
    assert retold(*turn("hello?", None)) == [ChatMessage("assistant", NO_ANSWER)]
    assert retold(*turn("hello?", "")) == [ChatMessage("assistant", NO_ANSWER)]


def test_rounds_survive_being_stored() -> None:
    rounds = (Round("ä", (Written("x1", "c1"), Written("x2", "c2", "call_undo", {"call": "c1"}))), Round(""))
    assert rounds_of(rounds_text(rounds)) == rounds
    assert rounds_text(()) is None
    assert rounds_of(None) == ()


def prompt(thread: list[Spoken], now: str, at: int = NOON, **changes: Any) -> tuple[ChatMessage, ...]:
    asked = Message("u", "c", "t", Role.USER, now, at)
    return assembled("You are Carryon.", pasts(thread, RETELLING), asked, (), changes.get("before", ""), UTC)


def test_the_day_is_told_once_and_stays_where_it_is() -> None:
    first = prompt([], "hello")
    assert first[1].text == "[Today is Wednesday, 2026-03-04.]\n\nhello"
    later = prompt(turn("hello", "Hi."), "and now?")
    assert later[1].text == first[1].text
    assert later[-1].text == "and now?"
    assert "Thursday" in prompt(turn("hello", "Hi."), "and now?", NOON + DAY)[-1].text


def test_the_next_prompt_begins_with_the_last_one() -> None:
    thread = turn("one", "1") + turn("two", "2", NOTE, n=2)
    now = prompt(thread, "three")
    after = prompt(thread + turn("three", "3", n=3), "four")
    assert after[: len(now)] == now


def test_what_stands_for_older_messages_is_put_into_the_first_that_is_shown() -> None:
    before = older("They spoke of milk.", ["- email.send to Dana"])
    told = prompt(turn("three", "3"), "four", before=before)
    assert [message.role for message in told] == ["system", "user", "assistant", "user"]
    assert told[1].text.startswith(before)
    assert told[1].text.endswith("three")
    assert "not shown" in older("", [])
