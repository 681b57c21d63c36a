"""What is wrong with a call, in words: the tool's name, then its arguments against the tool's JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.contracts import ChatTool
from models.dialects.schemas import (
    FOLLOW_MAX,
    Schema,
    alternatives,
    properties_of,
    required_of,
    resolved,
    said_types,
    type_of,
)
from models.dialects.source import shortened

ITEMS_CHECKED_MAX = 1_000
_NAMES = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "nothing",
}  # fmt: skip


def whats_wrong(name: str, arguments: Mapping[str, Any], tools: Mapping[str, ChatTool]) -> str | None:
    """A sentence, or None where the call can be used."""
    tool = tools.get(name)
    if tool is None:
        return f"The model called “{shortened(name)}”, which is none of the tools it was given."
    wrong = misfit(dict(arguments), {"type": "object", **tool.parameters}, tool.parameters, "")
    return None if wrong is None else f"The model called “{shortened(name)}” wrongly: {wrong}."


def misfit(value: Any, schema: Any, root: Schema, place: str, depth: int = 0) -> str | None:
    """The first thing that does not fit, or None. What is not looked at: patterns, formats, conditions."""
    found = resolved(schema, root)
    if depth > FOLLOW_MAX or schema is True:
        return None
    if schema is False:
        return f"{_named(place)} is not allowed"
    for check in (_alternatives, _type, _fixed, _number, _length, _members, _items):
        if wrong := check(value, found, root, place, depth):
            return wrong
    return None


def _named(place: str) -> str:
    return f"“{shortened(place)}”" if place else "the whole"


def _alternatives(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    choices = alternatives(schema)
    if choices and all(misfit(value, choice, root, place, depth + 1) for choice in choices):
        return f"{_named(place)} fits none of the forms it may have"
    every = schema.get("allOf")
    if isinstance(every, list):
        return next((wrong for part in every if (wrong := misfit(value, part, root, place, depth + 1))), None)
    return None


def _type(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    allowed = said_types(schema)
    kind = type_of(value)
    if not allowed or kind in allowed or (kind == "integer" and "number" in allowed):
        return None
    wanted = " or ".join(_NAMES.get(one, one) for one in allowed)
    return f"{_named(place)} must be {wanted}, not {shortened(repr(value))}"


def _fixed(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    if "const" in schema and not _same(value, schema["const"]):
        return f"{_named(place)} must be {shortened(repr(schema['const']))}, not {shortened(repr(value))}"
    allowed = schema.get("enum")
    if isinstance(allowed, list) and not any(_same(value, one) for one in allowed):
        words = shortened(", ".join(map(repr, allowed)), 120)
        return f"{_named(place)} must be one of {words}, not {shortened(repr(value))}"
    return None


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _number(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    bounds: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
        ("minimum", "at least", lambda one, bound: one >= bound),
        ("maximum", "at most", lambda one, bound: one <= bound),
        ("exclusiveMinimum", "more than", lambda one, bound: one > bound),
        ("exclusiveMaximum", "less than", lambda one, bound: one < bound),
    )
    for key, words, holds in bounds:
        bound = schema.get(key)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and not holds(value, bound):
            return f"{_named(place)} must be {words} {bound}, not {value}"
    return None


def _length(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    if not isinstance(value, str | list):
        return None
    few, many = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
    what = "characters" if isinstance(value, str) else "items"
    least, most = schema.get(few), schema.get(many)
    if isinstance(least, int) and len(value) < least:
        return f"{_named(place)} must have at least {least} {what}, not {len(value)}"
    if isinstance(most, int) and len(value) > most:
        return f"{_named(place)} must have at most {most} {what}, not {len(value)}"
    return None


def _members(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    if not isinstance(value, Mapping):
        return None
    properties = properties_of(schema)
    for key in required_of(schema):
        if key not in value:
            return f"“{shortened(_deeper(place, key))}” is missing"
    others = schema.get("additionalProperties", True)
    for key, part in value.items():
        if wrong := misfit(part, properties.get(key, others), root, _deeper(place, key), depth + 1):
            return wrong
    return None


def _items(value: Any, schema: Schema, root: Schema, place: str, depth: int) -> str | None:
    if not isinstance(value, list):
        return None
    first = schema.get("prefixItems")
    heads: Sequence[Any] = first if isinstance(first, list) else ()
    for index, item in enumerate(value[:ITEMS_CHECKED_MAX]):
        part = heads[index] if index < len(heads) else schema.get("items", True)
        if wrong := misfit(item, part, root, f"{place}[{index}]", depth + 1):
            return wrong
    return None


def _deeper(place: str, key: str) -> str:
    return f"{place}.{key}" if place else str(key)
