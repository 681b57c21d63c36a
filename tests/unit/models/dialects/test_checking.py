"""A call against its tool's schema: the first thing wrong with it, in words that name the place."""

from typing import Any

import pytest

from models.contracts import ChatTool
from models.dialects.checking import misfit, whats_wrong
from models.dialects.schemas import types_of

TREE = {
    "type": "object",
    "properties": {"node": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "good", "bad", "words"),
    [
        ({"type": "string"}, "x", 3, "must be a text, not 3"),
        ({"type": "integer"}, 3.0, 3.5, "must be a whole number"),
        ({"type": "integer"}, 3, True, "must be a whole number"),
        ({"type": "number"}, 3, "3", "must be a number"),
        ({"type": ["string", "null"]}, None, [], "must be a text or nothing"),
        ({"enum": ["a", 1]}, 1, True, "must be one of 'a', 1"),
        ({"const": "a"}, "a", "b", "must be 'a'"),
        ({"minimum": 2, "exclusiveMaximum": 5}, 2, 5, "must be less than 5"),
        ({"minimum": 2}, 2, 1, "must be at least 2"),
        ({"minLength": 2, "maxLength": 3}, "ab", "a", "at least 2 characters"),
        ({"minLength": 2, "maxLength": 3}, "ab", "abcd", "at most 3 characters"),
        ({"maxItems": 1}, [1], [1, 2], "at most 1 items"),
        ({"items": {"type": "boolean"}}, [True], [True, 0], "“v[1]” must be true or false"),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1], "“v[1]” is not allowed"),
        ({"required": ["a"]}, {"a": 1}, {"b": 1}, "“v.a” is missing"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": ""}, {"b": 1}, "“v.b” is not allowed"),
        ({"additionalProperties": {"type": "integer"}}, {"x": 1}, {"x": "1"}, "“v.x” must be a whole number"),
        ({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}, {"a": 1}, {}, "fits none of the"),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, 2, 3, "fits none of the forms"),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 2, 3, "must be at most 2"),
        ({}, object, None, None),
        (True, 1, None, None),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(schema: Any, good: Any, bad: Any, words: str | None) -> None:
    assert misfit(good, schema, {}, "v") is None
    if words is not None:
        assert words in (misfit(bad, schema, {}, "v") or "")


def test_references_are_followed() -> None:
    good = {"node": {"name": "a", "children": [{"name": "b", "children": []}]}}
    assert misfit(good, TREE, TREE, "") is None
    bad = {"node": {"name": "a", "children": [{"name": 3}]}}
    assert misfit(bad, TREE, TREE, "") == "“node.children[0].name” must be a text, not 3"


@pytest.mark.parametrize("reference", ["#/nowhere", "#", "other.json#/x", "#/properties/a", "#/list/0", "#/list/9"])
def test_references_that_lead_nowhere_or_round_in_a_circle_end(reference: str) -> None:
    root = {"properties": {"a": {"$ref": "#/properties/a"}}, "list": [{"$ref": "#"}], "$ref": reference}
    assert misfit({"a": 1}, root, root, "") is None
    assert isinstance(types_of(root, root), frozenset)


def test_a_schema_of_the_wrong_shape_allows_everything() -> None:
    for schema in (
        {"type": 3},
        {"enum": "x"},
        {"required": "x"},
        {"properties": []},
        {"anyOf": {}},
        {"items": 3},
        3,
        None,
        [],
    ):
        assert misfit({"a": [1]}, schema, {}, "v") is None


def test_a_tool_that_was_not_given() -> None:
    tools = {"a": ChatTool("a", "", {})}
    assert whats_wrong("a", {}, tools) is None
    assert whats_wrong("b", {}, tools) == "The model called “b”, which is none of the tools it was given."
    assert "x" * 100 not in (whats_wrong("x" * 1000, {}, tools) or "")
