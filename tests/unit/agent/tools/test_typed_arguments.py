"""A server gets JSON of the types it declared, whether a person's words or a model's JSON came in."""

import time
from typing import Any

import pytest

from agent.tools.arguments import checked
from agent.tools.errors import ToolArgumentBad
from agent.tools.schema_fit import misfit
from agent.tools.spec import SERVER, Connectivity, Idempotency, Kind, Param, ToolSpec
from agent.tools.typed import typed


def card(described: Any, *, required: bool = True, **more: Any) -> ToolSpec:
    schema = {"type": "object", "properties": {"it": described}, "required": ["it"] if required else [], **more}
    param = Param("it", Kind.TEXT, "It.", required)
    return ToolSpec(
        "s.t", "Does it.", f"{SERVER}s", (param,), Connectivity.LOCAL, 0, Idempotency.NONE, frozenset(), schema
    )


def through(described: Any, value: Any, **more: Any) -> Any:
    """As a call goes: checked to text, then typed."""
    spec = card(described, **more)
    return typed(spec, checked(spec, {"it": value}))["it"]


STRING, INTEGER, NUMBER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))


@pytest.mark.parametrize(
    ("described", "value", "found"),
    [
        (STRING, "3", "3"),
        (STRING, 3, "3"),
        (STRING, "  line\n", "  line\n"),
        (STRING, "", ""),
        (STRING, '{"a": 1}', '{"a": 1}'),
        (INTEGER, "3", 3),
        (INTEGER, 3, 3),
        (INTEGER, "3.0", 3),
        (NUMBER, "2.50", 2.5),
        (NUMBER, "-7", -7),
        (BOOLEAN, "yes", True),
        (BOOLEAN, True, True),
        (BOOLEAN, "FALSE", False),
        ({"type": "array", "items": INTEGER}, "1, 2", [1, 2]),
        ({"type": "array", "items": INTEGER}, [1, 2], [1, 2]),
        ({"type": "array", "items": STRING}, '["a, b", "c"]', ["a, b", "c"]),
        ({"type": "array"}, "a, b", ["a", "b"]),
        ({"type": "object"}, {"a": {"b": [1, None]}}, {"a": {"b": [1, None]}}),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"enum": ["low", "High"]}, "high", "High"),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": "x"}, "x", "x"),
        ({"type": ["string", "null"]}, "none of them", "none of them"),
        ({"anyOf": [INTEGER, {"type": "null"}]}, "5", 5),
        ({"anyOf": [INTEGER, {"type": "null"}]}, "null", None),
        ({"anyOf": [STRING, INTEGER]}, "5", "5"),
        ({"anyOf": [INTEGER, STRING]}, "5", 5),
        ({"anyOf": [STRING, {"type": "array", "items": STRING}]}, ["a"], ["a"]),
        ({}, "5", 5),
        ({}, "five", "five"),
    ],
)
def test_values_reach_it_as_declared(described: Any, value: Any, found: Any) -> None:
    got = through(described, value)
    assert (got, type(got)) == (found, type(found))


def test_a_reference_inside_the_schema_is_followed() -> None:
    described = {"$ref": "#/$defs/many"}
    assert through(
        described, "1,2", **{"$defs": {"many": {"type": "array", "items": {"$ref": "#/$defs/one"}}, "one": INTEGER}}
    ) == [1, 2]


@pytest.mark.parametrize(
    ("described", "value", "words"),
    [
        (INTEGER, "three", "must be a whole number"),
        (INTEGER, "1e9", "must be a whole number"),
        (NUMBER, "inf", "must be a number"),
        (BOOLEAN, "maybe", "true or false"),
        ({"type": "object"}, "a", "a group of named values"),
        ({"type": "array", "items": {"type": "object"}}, "a, b", "a list"),
        ({"enum": ["low", "high"]}, "middle", "must be one of low, high"),
        ({"type": "integer", "maximum": 5}, "6", "5 at most"),
        ({"type": "string", "maxLength": 2}, "abc", "2 at most"),
        ({"type": "object", "required": ["a"]}, {}, "'a' is missing"),
        ({"type": "object", "properties": {"a": INTEGER}}, {"a": "x"}, "it.a must be of the type integer"),
        ({"type": "object", "additionalProperties": False}, {"b": 1}, "it.b may not be there"),
        ({"type": "array", "items": INTEGER}, [1, "x"], "entry 2 of it"),
    ],
)
def test_what_does_not_fit_is_said(described: Any, value: Any, words: str) -> None:
    with pytest.raises(ToolArgumentBad, match=words):
        through(described, value)


def test_an_optional_argument_that_is_empty_is_left_out_unless_empty_is_a_value() -> None:
    spec = card(INTEGER, required=False)
    assert checked(spec, {"it": ""}) == {}
    assert checked(spec, {"it": None}) == {}
    assert checked(card(STRING), {"it": ""}) == {"it": ""}


def test_a_hostile_schema_takes_no_time() -> None:
    """Its pattern is never run, and a check that doubles with each level ends after a number of steps."""
    slow = {"type": "string", "pattern": "(a+)+$"}
    double: dict[str, Any] = {"anyOf": [{"items": {"$ref": "#/$defs/x"}}, {"items": {"$ref": "#/$defs/x"}}]}
    nested: Any = "end"
    for _ in range(30):
        nested = [nested]
    began = time.perf_counter()
    assert misfit(slow, "a" * 5_000 + "!") == ""
    assert misfit({"$defs": {"x": {"allOf": [double, {"not": {}}]}}, "$ref": "#/$defs/x"}, nested) == ""
    assert misfit({"$defs": {"x": {"$ref": "#/$defs/x"}}, "$ref": "#/$defs/x"}, 1) == ""
    assert time.perf_counter() - began < 5


def test_forms_that_refer_to_each_other_take_no_time() -> None:
    circle = {"anyOf": [{"$ref": "#/properties/it"}] * 30}
    began = time.perf_counter()
    assert typed(card(circle), {"it": "7"}) == {"it": 7}
    assert typed(card({"anyOf": [*circle["anyOf"][:3], INTEGER]}), {"it": "7"}) == {"it": 7}
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "schema", [{"type": 3}, {"enum": 3}, {"properties": []}, {"anyOf": 3}, {"required": 3}, {"type": [[]]}]
)
def test_a_schema_that_makes_no_sense_breaks_nothing(schema: Any) -> None:
    assert isinstance(misfit(schema, {"a": 1}), str)
