"""A document holds what was wanted, or the reason is told."""

from typing import Any

import pytest

from agent.evals.judge import at, unmet

DOCUMENT = {"calls": [{"tool": "note.create", "status": "done", "n": 2, "receipt": None}], "reply": "84", "done": False}


@pytest.mark.parametrize(
    ("wants", "holds"),
    [
        ({"calls.0.tool": "note.create"}, True),
        ({"calls.0.tool": "task.add"}, False),
        ({"calls.1.tool": "note.create"}, False),
        ({"done": False}, True),
        ({"done": 0}, False),
        ({"calls.0.receipt": {"filled": False}}, True),
        ({"calls.0.receipt": {"filled": True}}, False),
        ({"nowhere.at.all": {"filled": True}}, False),
        ({"reply": {"has": "84"}}, True),
        ({"reply": {"has": "85"}}, False),
        ({"calls": {"count": 1}}, True),
        ({"calls": {"count": 2}}, False),
        ({"calls.0.n": {"at_least": 2}}, True),
        ({"calls.0.n": {"at_least": 3}}, False),
        ({"done": {"at_least": 0}}, False),
        ({"calls.0.status": {"one_of": ["done", "queued"]}}, True),
        ({"calls.0.status": {"one_of": ["queued"]}}, False),
        ({"calls.0.status": {"one_of": ["done"], "has": "queued"}}, False),
    ],
)
def test_what_is_wanted_is_there_or_not(wants: dict[str, Any], holds: bool) -> None:
    assert (unmet(wants, DOCUMENT) == ()) == holds


def test_a_path_leads_into_the_document() -> None:
    assert at("", DOCUMENT) == DOCUMENT
    assert at("calls.0.n", DOCUMENT) == 2
    assert at("calls.first", DOCUMENT) is None


def test_the_reason_names_place_found_and_wanted() -> None:
    assert unmet({"reply": "85"}, DOCUMENT) == ("reply is '84', wanted: '85'",)
