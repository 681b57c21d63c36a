"""What a follow-up comes to: whole calls, words, or the next question."""

import pytest

from agent.loop.ports import Intended, Situation, Thought, Way
from agent.loop.reading import LET_GO, NOTHING_TO_CHANGE, read
from agent.protocol.records import AnswerLabel, Call, CallStatus, Outcome, Question

LABEL = AnswerLabel("local", "starter", "ab", "", "1", "cd", 0.9, 1.0, 2.0)
MAIL = Call("k1", "t1", "email.send", {"to": "Dana", "body": "signed"}, CallStatus.WAITING, outbox_id="o1")
NOTE = Call("k2", "t1", "note.append", {"title": "Trip", "text": "visa"}, CallStatus.DONE, artifact_id="a1")


def follow(how: str, tool: str, **args: str) -> Thought:
    return Thought(Outcome.CALLED, LABEL, (Intended(tool, args),), follow=how)


def test_what_follows_nothing_stays_as_it_is() -> None:
    thought = Thought(Outcome.CALLED, LABEL, (Intended("clock.now", {}),))
    assert read(thought, Situation((MAIL,))) is thought


def test_new_arguments_go_over_the_old_ones() -> None:
    (call,) = read(follow("amend", "email.send", to="Ivo"), Situation((NOTE, MAIL))).calls
    assert (call.args, call.way, call.earlier) == ({"to": "Ivo", "body": "signed"}, Way.AMEND, MAIL)


def test_again_makes_another_and_touches_nothing() -> None:
    (call,) = read(follow("again", "email.send", to="Ivo"), Situation((MAIL,))).calls
    assert (call.args, call.way, call.earlier) == ({"to": "Ivo", "body": "signed"}, Way.NEW, None)


def test_undo_and_other_are_about_the_call_as_it_was() -> None:
    for how, way in (("undo", Way.UNDO), ("other", Way.OTHER)):
        (call,) = read(follow(how, "note.append"), Situation((NOTE, MAIL))).calls
        assert (call.args, call.way, call.earlier) == (dict(NOTE.args), way, NOTE)


def test_what_a_title_had_found_stays_meant() -> None:
    situation = Situation((NOTE,))
    assert read(follow("amend", "note.append", text="two visas"), situation).calls[0].target == "a1"
    assert read(follow("again", "note.append", text="hat"), situation).calls[0].target == "a1"
    assert read(follow("amend", "note.append", title="Packing"), situation).calls[0].target == ""


def test_the_newest_of_several_calls_of_a_tool_is_meant() -> None:
    newer = Call("k3", "t1", "note.append", {"title": "Packing", "text": "hat"}, CallStatus.DONE)
    assert read(follow("undo", "note.append"), Situation((NOTE, newer))).calls[0].earlier is newer


def test_of_a_setting_the_key_is_the_one_that_was_found() -> None:
    facts = {"key": "tone", "value": "terse"}
    call = Call("k4", "t1", "rc.set", {}, CallStatus.PROPOSED, facts=facts)
    (changed,) = read(follow("amend", "rc.set", value="warm"), Situation((call,))).calls
    assert changed.args == {"key": "tone", "value": "warm"}


@pytest.mark.parametrize("how", ["amend", "again", "undo", "other"])
def test_without_a_call_to_follow_there_are_kind_words(how: str) -> None:
    thought = read(follow(how, "task.add"), Situation((MAIL,)))
    assert (thought.outcome, thought.topic, thought.calls) == (Outcome.ANSWERED, NOTHING_TO_CHANGE, ())


def test_an_answer_completes_what_was_asked_about() -> None:
    situation = Situation(question=Question("email.send", {"to": "Dana"}, ("body",), call_id="k9"))
    (call,) = read(follow("fill", "email.send", body="signed"), situation).calls
    assert (call.args, call.way, call.answers) == ({"to": "Dana", "body": "signed"}, Way.NEW, "k9")


def test_an_answer_that_leaves_something_open_asks_on() -> None:
    situation = Situation(question=Question("email.send", {}, ("to", "body")))
    thought = read(follow("fill", "email.send", to="Dana"), situation)
    assert (thought.outcome, thought.missing, thought.lacks) == (Outcome.CLARIFY, "email.send", ("body",))
    assert [call.args for call in thought.guess] == [{"to": "Dana"}]
    assert thought.calls == ()


def test_an_answer_takes_the_place_of_the_call_that_was_wrong() -> None:
    question = Question("note.append", dict(NOTE.args), ("title",), instead_of="k2")
    (call,) = read(follow("fill", "note.append", title="Rome"), Situation((), question, NOTE)).calls
    assert (call.way, call.earlier) == (Way.AMEND, NOTE)


def test_an_answer_without_a_question_is_a_request() -> None:
    thought = follow("fill", "email.send", body="signed")
    assert read(thought, Situation()) is thought


def test_taking_back_a_question_lets_it_go() -> None:
    situation = Situation((MAIL,), Question("email.send", {}, ("body",)))
    assert read(follow("undo", "email.send"), situation).topic == LET_GO
