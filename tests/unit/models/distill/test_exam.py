from __future__ import annotations

import pytest

from models.contracts import DecideRequest, Decision, PointedCall
from models.distill.evaluate import interval, summary, table
from models.distill.exam import FOLDER, Judged, Question, read
from models.distill.score import Call
from models.starter.vocabulary import TOOLS

TASK = Question("1", DecideRequest("remind me to call Ivo"), (Call("task.add", {"title": "call Ivo"}),), tags=("x",))
LACKING = Question("2", DecideRequest("email Dana"), (Call("clarify", {"to": "Dana"}),), lacks=("body",))


def called(tool: str, **args: str) -> Decision:
    return Decision("called", 0.9, calls=(PointedCall(tool, args),), total_ms=2.0)


@pytest.mark.parametrize(
    ("question", "decision", "exact", "outcome", "wrong"),
    [
        (TASK, called("task.add", title="call Ivo"), True, True, False),
        (TASK, called("task.add", title="Ivo"), False, True, False),
        (TASK, called("note.create", body="call Ivo"), False, False, True),
        (TASK, Decision("clarify", 0.3, guess=(PointedCall("task.add", {"title": "x"}),)), False, False, False),
        (LACKING, Decision("clarify", 0.9, lacks=("body",), guess=(PointedCall("email.send", {"to": "Dana"}),)),
         True, True, False),
        (LACKING, Decision("clarify", 0.9, lacks=("to", "body")), False, True, False),
        (TASK, Decision("handoff", 0.9), False, False, False),
    ],
)  # fmt: skip
def test_what_is_right(question: Question, decision: Decision, exact: bool, outcome: bool, wrong: bool):
    judged = Judged(question, decision)
    assert (judged.exact, judged.outcome, judged.wrong_action) == (exact, outcome, wrong)


def test_a_follow_up_must_be_taken_as_one():
    amended = Question("3", DecideRequest("make it 9", after=("task.add",)), (Call("task.add", {"due": "9"}),), "amend")
    assert not Judged(amended, called("task.add", due="9")).outcome
    made = Decision("called", 0.9, calls=(PointedCall("task.add", {"due": "9"}),), follow="amend")
    assert Judged(amended, made).exact


def test_the_summary_counts_what_happened():
    judged = [Judged(TASK, called("task.add", title="call Ivo")), Judged(TASK, called("note.create", body="x"))]
    found = summary(judged)
    assert (found["n"], found["exact"], found["outcome"], found["wrong_action"]) == (2, 0.5, 0.5, 0.5)
    assert found["by_tag"][0]["name"] == "x"
    assert found["confused"] == ["task.add -> note.create: 1"]
    assert "task.add" in table(found["by_outcome"])


def test_the_interval_holds_the_share():
    low, high = interval(80, 100)
    assert 0.70 < low < 0.8 < high < 0.88
    assert interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.jsonl")), ids=lambda file: file.stem)
def test_every_row_of_the_exam_is_well_formed(file):
    questions = read(file)
    assert len({question.id for question in questions}) == len(questions) >= 100
    for question in questions:
        for call in question.wanted:
            assert call.tool in {*TOOLS, "reply", "handoff", "clarify"} | {c.name for c in question.request.tools}
            for name, value in call.args.items():
                assert name == "expression" or value in question.request.text, (question.id, value)
