"""Looks into a JSON Schema, which strangers may have written: references within it, what types it allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FOLLOW_MAX = 16  # references and alternatives one behind the other
ALTERNATIVES_MAX = 50
Schema = Mapping[str, Any]
ANY: Schema = {}


def as_schema(value: Any) -> Schema:
    return value if isinstance(value, Mapping) else ANY


def resolved(schema: Any, root: Schema) -> Schema:
    """What a chain of "$ref" within `root` leads to; anything else allows everything."""
    found = as_schema(schema)
    for _ in range(FOLLOW_MAX):
        if "$ref" not in found:
            return found
        found = as_schema(_at(str(found["$ref"]), root))
    return ANY


def _at(reference: str, root: Schema) -> Any:
    if not reference.startswith("#"):
        return ANY
    place: Any = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping):
            place = place.get(name, ANY)
        elif isinstance(place, Sequence) and name.isdigit() and int(name) < len(place):
            place = place[int(name)]
        else:
            return ANY
    return place


def alternatives(schema: Schema) -> tuple[Any, ...]:
    """Of "anyOf" or "oneOf"; none where there is no choice."""
    for key in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(key), list) and choices:
            return tuple(choices[:ALTERNATIVES_MAX])
    return ()


def types_of(schema: Any, root: Schema, depth: int = 0) -> frozenset[str]:
    """The JSON types that a value may have; none where the schema does not say."""
    found = resolved(schema, root)
    if depth > FOLLOW_MAX:
        return frozenset()
    if choices := alternatives(found):
        each = [types_of(choice, root, depth + 1) for choice in choices]
        return frozenset().union(*each) if all(each) else frozenset()
    return frozenset(said_types(found) or _types_by_other_words(found))


def said_types(schema: Schema) -> list[str]:
    """Of the word "type", which may be one or a list."""
    said = schema.get("type")
    if isinstance(said, str):
        return [said]
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


def _types_by_other_words(schema: Schema) -> Iterator[str]:
    if isinstance(values := schema.get("enum"), list):
        yield from map(type_of, values)
    elif "const" in schema:
        yield type_of(schema["const"])
    elif "properties" in schema:
        yield "object"
    elif "items" in schema:
        yield "array"


def type_of(value: Any) -> str:
    """The JSON type of a value; a whole number is an integer."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"), (int, "integer"), (str, "string"), (Mapping, "object"), ((list, tuple), "array"),
    )  # fmt: skip
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def properties_of(schema: Schema) -> Mapping[str, Any]:
    return as_schema(schema.get("properties"))


def required_of(schema: Schema) -> tuple[str, ...]:
    said = schema.get("required")
    return tuple(one for one in said if isinstance(one, str)) if isinstance(said, list) else ()
