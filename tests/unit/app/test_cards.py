from dataclasses import replace

import pytest

from agent.protocol.records import Call, CallStatus
from app import demo
from app.presenters import tools
from app.presenters.cards import card, item_words
from app.presenters.item_detail import Shown, detail
from app.presenters.outbox_rows import item_row
from sync.states import State

NAMES = (
    "note.create", "note.append", "library.search", "library.open", "task.add", "task.list", "task.done",
    "calendar.add", "calendar.list", "timer.set", "calc.evaluate", "units.convert", "clock.now", "file.read",
    "file.find", "email.send", "message.post", "issue.create", "web.fetch", "rc.set",
)  # fmt: skip


@pytest.mark.parametrize("tool", NAMES)
def test_every_tool_has_a_face(tool: str) -> None:
    assert tool in tools.FACES
    assert tools.title(tool, {}) == tools.FACES[tool].plain


def test_a_title_is_made_of_the_arguments() -> None:
    assert tools.title("email.send", {"to": "Dana"}) == "E-mail to Dana"
    assert tools.title("units.convert", {"value": "3", "from": "miles", "to": "km"}) == "3 miles in km"
    assert tools.title("mcp.weather", {"city": "Oslo"}) == "mcp.weather"


@pytest.mark.parametrize("value", ["{", "{0}", "{to.__class__}", "x" * 100_000])
def test_strange_arguments_are_only_text(value: str) -> None:
    title = tools.title("email.send", {"to": value})
    assert title.startswith("E-mail to ")
    assert len(title) <= tools.TITLE_CHARACTERS_MAX


def test_an_effect_shows_what_it_carries_and_a_local_call_its_result() -> None:
    mail = Call("a", "t", "email.send", {"to": "Dana", "body": "Hi"}, CallStatus.QUEUED)
    assert card(mail, None, demo.NOW_MS).lines == (("To", "Dana"), ("Text", "Hi"))
    calc = Call("b", "t", "calc.evaluate", {"expression": "2+2"}, CallStatus.DONE, "4")
    view = card(calc, None, demo.NOW_MS)
    assert (view.lines, view.detail, view.words) == ((), "4", "Done")


def test_a_question_is_answered_in_words_and_a_proposal_by_a_button() -> None:
    asks = Call("a", "t", "email.send", {"to": "Dana"}, CallStatus.PROPOSED, "What is it?", facts={"ask": "address"})
    view = card(asks, None, demo.NOW_MS)
    assert (view.words, view.actions) == ("A question for you", ())
    must_ask = Call("b", "t", "note.create", {"body": "x"}, CallStatus.PROPOSED)
    assert [action.name for action in card(must_ask, None, demo.NOW_MS).actions] == ["accept", "decline"]


def test_a_failed_call_says_why() -> None:
    call = Call("a", "t", "file.read", {"path": "/etc/x"}, CallStatus.FAILED, "Outside the allowed folders.")
    view = card(call, None, demo.NOW_MS)
    assert (view.tone, view.detail) == ("bad", "Outside the allowed folders.")


def test_a_call_that_was_taken_back_says_so() -> None:
    call = Call("k", "t", "note.create", {"title": "Trip"}, CallStatus.UNDONE, "I took this back.", artifact_id="a1")
    view = card(call, None, demo.NOW_MS)
    assert (view.words, view.tone, view.detail) == ("Taken back", "muted", "I took this back.")


def test_a_question_that_was_answered_asks_for_nothing_more() -> None:
    facts = {"ask": "which_note", "choices": ["A", "B"]}
    asking = Call("k", "t", "note.append", {"title": "x"}, CallStatus.PROPOSED, "Which?", facts=facts)
    assert card(asking, None, demo.NOW_MS).words == "A question for you"
    view = card(replace(asking, facts={**facts, "answered": True}), None, demo.NOW_MS)
    assert (view.words, view.actions) == ("Answered", ())


def test_what_was_decided_after_a_page_says_so() -> None:
    call = Call("k", "t", "web.fetch", {"url": "https://example.net/?q=x"}, CallStatus.PROPOSED,
                facts={"trail": {"read_before": ["the page https://example.org/hours"]}})  # fmt: skip
    view = card(call, None, demo.NOW_MS)
    assert "the page https://example.org/hours" in view.warning
    assert ("Address", "https://example.net/?q=x") in view.lines
    assert "accept" in [action.name for action in view.actions]
    assert not card(replace(call, status=CallStatus.DONE), None, demo.NOW_MS).warning


def test_a_warned_card_that_cannot_show_every_word_takes_no_yes() -> None:
    call = Call("k", "t", "web.fetch", {"url": "https://example.net/" + "x" * 3_000}, CallStatus.PROPOSED,
                facts={"trail": {"read_before": ["the file a.txt"]}})  # fmt: skip
    assert "accept" not in [action.name for action in card(call, None, demo.NOW_MS).actions]


def test_a_conflict_shows_both_sides_in_short_and_its_choices() -> None:
    item = demo.ITEMS[7]
    view = card(Call("k", "t", "file.upload", dict(item.args), CallStatus.QUEUED, outbox_id=item.id), item, demo.NOW_MS)
    assert [name for name, _ in view.sides] == ["When you decided", "Now"]
    assert "version 5" in view.sides[1][1]
    assert "@@" not in view.sides[1][1], "what differs is for the page of the item"
    assert [action.name for action in view.actions] == ["resolve_send", "edit", "cancel", "show"]


def test_a_conflict_after_strangers_words_takes_no_yes_where_not_every_word_is_shown() -> None:
    item = replace(demo.ITEMS[7], sources=("the page example.org",), args={"title": "x" * 5_000})
    view = card(Call("k", "t", "file.upload", {}, CallStatus.QUEUED, outbox_id=item.id), item, demo.NOW_MS)
    assert "resolve_send" not in [action.name for action in view.actions]


def test_where_nobody_knows_the_card_says_it_in_one_sentence() -> None:
    item = demo.ITEMS[3]
    view = card(Call("k", "t", "email.send", dict(item.args), CallStatus.QUEUED, outbox_id=item.id), item, demo.NOW_MS)
    assert "may or may not have arrived" in view.detail
    assert [action.name for action in view.actions][:3] == ["resolve_delivered", "resolve_retry", "resolve_cancel"]


@pytest.mark.parametrize(("error", "words"), [(None, "Waits for another item"), ("stuck", "Held")])
def test_what_waits_for_another_says_so(error: str | None, words: str) -> None:
    item = replace(demo.ITEMS[1], waits_for=1, last_error=error)
    assert item_words(item, demo.NOW_MS).startswith(words)


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        ((1, ("create issue: login is broken",)), "Waits for “create issue: login is broken”"),
        ((2, ("a", "b")), "Waits for “a” and “b”"),
        ((3, ("a", "b", "c")), "Waits for “a” and “b” and 1 other"),
        ((5, ("a", "b", "c")), "Waits for “a” and “b” and 3 others"),
        ((1, ("a\u202eb",)), "Waits for “a\ufffdb”"),
        ((0, ("a",)), ""),
        ((1, ()), ""),
    ],
)
def test_the_card_names_what_is_waited_for(needed: tuple[int, tuple[str, ...]], words: str) -> None:
    call = Call("k", "t", "message.post", {"text": "x"}, CallStatus.QUEUED, outbox_id="i")
    item = replace(demo.ITEMS[1], state=State.QUEUED, waits_for=needed[0], waits_on=needed[1], last_error=None)
    view = card(call, item, demo.NOW_MS)
    assert (view.waits, view.detail) == (words, words)
    held = card(call, replace(item, last_error="It waits for “a”, which was refused."), demo.NOW_MS)
    assert held.detail == "It waits for “a”, which was refused."
    assert card(call, replace(item, state=State.CANCELLED), demo.NOW_MS).waits == ""


@pytest.mark.parametrize("state", [State.FAILED, State.QUEUED])
def test_a_pause_that_was_asked_for_is_said_with_its_end_and_a_way_past_it(state: State) -> None:
    until = demo.NOW_MS + 3_600_000
    item = replace(demo.ITEMS[1], state=state, waits_for=0, next_attempt_at=until, held_until=until)
    call = Call("k", "t", "message.post", {"text": "x"}, CallStatus.QUEUED, outbox_id=item.id)
    view = card(call, item, demo.NOW_MS)
    assert view.words.startswith("It asked to be left alone until")
    names = [action.name for action in view.actions]
    assert names[0] == "retry_now"
    assert "retry" not in names
    detailed = detail(item, Shown(), demo.NOW_MS)
    assert detailed.actions[0].name == "retry_now"
    assert "asked to be left alone" in detailed.todo
    assert item_row(item, demo.NOW_MS).words.startswith("Left alone until")


def test_a_backoff_of_our_own_is_tried_again_as_ever() -> None:
    item = replace(demo.ITEMS[1], state=State.FAILED, next_attempt_at=demo.NOW_MS + 60_000, held_until=0)
    call = Call("k", "t", "message.post", {"text": "x"}, CallStatus.QUEUED, outbox_id=item.id)
    view = card(call, item, demo.NOW_MS)
    assert view.words.startswith("Not delivered yet, next try")
    assert view.actions[0].name == "retry"
