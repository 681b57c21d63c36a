from __future__ import annotations

import pytest

from models.contracts import DecideRequest, Decision, PointedCall
from models.distill.capabilities import capabilities_of, cases_of, lowered, rows_of
from models.distill.exam import FOLDER, Judged, Question, read
from models.distill.score import Call
from models.starter import contract as contracts

MAIL = Question("1", DecideRequest("Email Dana: It is on."), (Call("email.send", {"to": "Dana", "body": "It is on"}),),
                tags=("names", "terse"))  # fmt: skip
EXAM = [question for file in sorted(FOLDER.glob("*.jsonl")) for question in read(file)]


def test_a_question_counts_in_all_that_it_is_about():
    assert capabilities_of(MAIL) == ("email.send", "names")
    german = Question("2", DecideRequest("hallo"), (Call("reply", {}),), tags=("typo",), language="de")
    assert capabilities_of(german) == ("german",)


def test_requests_are_asked_once_more_without_capitals():
    (low,) = lowered([MAIL])
    assert low.request.text == "email dana: it is on"
    assert low.wanted[0].args == {"to": "dana", "body": "it is on"}
    assert capabilities_of(low) == ("no_capitals",)
    assert not lowered([low])


def test_the_hand_off_row_tells_how_many_were_false():
    handed = Judged(MAIL, Decision("handoff", 0.9))
    rightly = Judged(Question("3", DecideRequest("why?"), (Call("handoff", {}),)), Decision("handoff", 0.9))
    row = next(row for row in rows_of([handed, rightly]) if row["name"] == "handoff")
    assert (row["n"], row["outcome"], row["false_n"], row["false_share"]) == (1, 1.0, 1, 1.0)


def test_every_row_is_a_capability_of_the_contract_and_every_floor_has_cases():
    contract = contracts.read()
    judged = [Judged(question, Decision("handoff", 0.5)) for question in [*EXAM, *lowered(EXAM)]]
    count = {row["name"]: row["n"] for row in rows_of(judged)}
    assert set(count) <= {one.name for one in contract.capabilities}
    short = {
        one.name: count.get(one.name, 0)
        for one in contract.held
        if one.floor and count.get(one.name, 0) < one.floor.cases
    }
    assert not short


@pytest.mark.parametrize("exact", [True, False])
def test_a_case_keeps_what_was_right(exact: bool):
    call = PointedCall("email.send", {"to": "Dana", "body": "It is on" if exact else "on"})
    (case,) = cases_of([Judged(MAIL, Decision("called", 0.9, calls=(call,)))])
    assert (case.exact, case.outcome) == (exact, True)
