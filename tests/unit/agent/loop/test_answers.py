"""Short answers to choices: what is one, in four languages, and what is not."""

import pytest

from agent.loop.answers import answered_by_rule, filled_by_rule
from agent.loop.ports import Intended, Thought
from agent.protocol.records import AnswerLabel, Choice, Outcome, Planned, Question

LABEL = AnswerLabel("rules", "", "", "", "1", "cd", None, None, None)
READINGS = Question(
    choices=(
        Choice("Add the task “call Ivo”", (Planned("task.add", {"title": "call Ivo"}),)),
        Choice("Write the note “call Ivo”", (Planned("note.create", {"body": "call Ivo"}),)),
    )
)
NOTES = Question(
    "note.append", {"title": "trip"}, ("title",),
    tuple(
        Choice(name, (Planned("note.append", {"title": name}, name[-4:]),))
        for name in ("Trip to Rome", "Trip to Oslo", "Trip to Lima")
    ),
)  # fmt: skip
ONE = Question("email.send", {}, ("to",), (Choice("Dana", (Planned("email.send", {"to": "Dana"}),)),))


def picked(text: str, question: Question) -> int | str | None:
    """The place of the choice, "none", or None where it is no answer."""
    thought = answered_by_rule(text, question, LABEL)
    if thought is None or thought.follow == "none":
        return thought and "none"
    wanted = [(call.tool, call.args) for call in thought.calls]
    return next(
        at
        for at, choice in enumerate(question.choices)
        if [(call.tool, dict(call.args)) for call in choice.calls] == wanted
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("yes", 0), ("Yes, please!", 0), ("ok", 0), ("do it", 0), ("the first", 0), ("1", 0), ("#1", 0),
        ("the task", 0), ("the first one", 0), ("a reminder", 0), ("2", 1), ("2.", 1),
        ("the second one", 1), ("option 2", 1), ("the note", 1),
        ("a note please", 1), ("no, the note", 1), ("the latter", 1), ("write a note", 1),
        ("WRITE THE NOTE “CALL IVO”", 1), ("write the note call ivo", 1),
        ("ja", 0), ("die erste", 0), ("die zweite", 1), ("nein, die Notiz", 1), ("eine Aufgabe bitte", 0),
        ("sí", 0), ("la segunda", 1), ("la nota", 1), ("una tarea", 0),
        ("oui", 0), ("la deuxième", 1), ("la note", 1), ("une tâche", 0),
    ],
)  # fmt: skip
def test_a_reading_is_picked(text: str, place: int) -> None:
    assert picked(text, READINGS) == place


@pytest.mark.parametrize(
    "text", ["no", "No.", "nope", "neither", "never mind", "nein", "no gracias", "non merci", "Vergiss es!", "ninguna"]
)
def test_none_is_meant(text: str) -> None:
    assert picked(text, READINGS) == "none"


@pytest.mark.parametrize(
    "text",
    [
        "", "?!", "the third", "3", "what time is it", "note that the key is under the pot", "call Ivo tomorrow at two",
        "yes and remind me to call Dana", "first invoice Dana", "the e-mail", "both of them " * 20, "0", "please",
    ],
)  # fmt: skip
def test_anything_else_is_a_new_request(text: str) -> None:
    assert picked(text, READINGS) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [("Trip to Oslo", 1), ("oslo", 1), ("the one to Lima", 2), ("the last one", 2), ("Rome, please", 0), ("dritte", 2)],
)
def test_a_title_is_picked_by_what_tells_it_apart(text: str, place: int) -> None:
    assert picked(text, NOTES) == place


@pytest.mark.parametrize("text", ["yes", "trip", "the note", "ri"])
def test_what_fits_several_titles_picks_none(text: str) -> None:
    assert picked(text, NOTES) is None


def test_yes_takes_the_only_choice() -> None:
    assert picked("yes", ONE) == 0
    assert picked("dana", ONE) == 0


def test_without_choices_nothing_is_an_answer() -> None:
    assert answered_by_rule("yes", None, LABEL) is None
    assert answered_by_rule("yes", Question("email.send", {}, ("to",)), LABEL) is None


def test_a_tool_that_the_starter_does_not_know_is_filled_with_the_words() -> None:
    own = Question("parcel.track", {}, ("number",))
    lost = Thought(Outcome.HANDOFF, LABEL)
    filled = filled_by_rule(" 1Z999 ", own, lost)
    assert filled is not None
    assert (filled.follow, filled.calls) == ("fill", (Intended("parcel.track", {"number": "1Z999"}),))
    other = Thought(Outcome.CALLED, LABEL, (Intended("clock.now", {}),))
    assert filled_by_rule("what time is it", own, other) is None
    assert filled_by_rule("Dana", Question("email.send", {}, ("to",)), lost) is None
