"""Whether a value is what a schema asks for, or promised: the schema is a stranger's, and may be made to do harm."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tools.schema_fit import misfit

PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "kind": {"enum": ["a", 1]},
        "friends": {"type": "array", "items": {"$ref": "#/$defs/friend"}},
        "at": {"anyOf": [{"type": "string"}, {"type": "number"}]},
    },
    "additionalProperties": False,
    "$defs": {"friend": {"type": "object", "required": ["id"]}},
}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"name": "Dana"}, ""),
        ({"name": "Dana", "age": None, "kind": 1, "friends": [{"id": 1}], "at": 7.5}, ""),
        ({"name": "Dana", "age": 3.0}, ""),
        ({"name": "Dana", "age": 10**400}, ""),
        ([], "this must be of the type object"),
        ({}, "'name' is missing"),
        ({"name": 7}, "name must be of the type string"),
        ({"name": "D", "age": True}, "age must be of the type integer or null"),
        ({"name": "D", "age": float("inf")}, "age must be of the type integer or null"),
        ({"name": "D", "kind": True}, "kind must be one of a, 1"),
        ({"name": "D", "friends": [{}]}, "'id' is missing in entry 1 of friends"),
        ({"name": "D", "at": []}, "at must be of the type string"),
        ({"name": "D", "more": 1}, "more may not be there"),
    ],
)
def test_what_does_not_fit_is_said(value: Any, fault: str) -> None:
    assert misfit(PERSON, value) == fault


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/0", "$defs": {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(60)}},
        {"type": "object", "properties": {"x": {"pattern": "(a+)+$"}}},
        {"items": 7, "required": 7, "properties": 7, "enum": 7, "type": 7, "anyOf": 7},
        {"required": [[1], {}, None]},
    ],
)
def test_a_hostile_schema_costs_little(schema: dict[str, Any]) -> None:
    begun = time.monotonic()
    misfit(schema, {"x": "a" * 40 + "!"})
    assert time.monotonic() - begun < 2


def test_what_takes_too_many_steps_is_said_where_that_is_asked_for() -> None:
    endless = {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}
    assert misfit(endless, {}) == ""
    assert misfit(endless, {}, "it cannot be checked") == "it cannot be checked"


WORDS = st.sampled_from(["type", "enum", "items", "properties", "required", "$ref", "anyOf", "x"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)
)


@given(ANYTHING)
def test_no_schema_is_too_strange(schema: Any) -> None:
    assert isinstance(misfit(schema if isinstance(schema, dict) else {}, {"x": [1, {"y": None}]}), str)
