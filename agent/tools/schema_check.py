"""Whether the JSON Schema of a tool's arguments can be relied on. What a stranger's server declares is untrusted: it is
bounded in size and depth, refers to nothing outside itself, and says of each argument what it is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.contracts import SCHEMA_CHARACTERS_MAX

DEPTH_MAX = 16
PROPERTIES_MAX = 200
TYPES = frozenset(("object", "array", "string", "number", "integer", "boolean", "null"))
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
PARTS = ("items", "additionalProperties", "not")


def faults(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong, in words; empty when it is good."""
    try:
        size = len(json.dumps(schema, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return ("its arguments are no JSON",)
    if size > SCHEMA_CHARACTERS_MAX:
        return (f"its arguments are described in {size:,} characters; {SCHEMA_CHARACTERS_MAX:,} is the most",)
    if schema.get("type") != "object":
        return ('the type of its arguments must be "object"',)
    return tuple(dict.fromkeys(_faults(schema, "its arguments", 0)))


def _faults(schema: Any, where: str, depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        yield f"{where} is nested more than {DEPTH_MAX} deep"
        return
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"{where} is no schema"
        return
    yield from _kind(schema, where)
    if isinstance(reference := schema.get("$ref"), str) and not reference.startswith("#"):
        yield f"{where} refers to something outside of it"
    yield from _properties(schema, where, depth)
    for part in PARTS:
        if part in schema:
            yield from _faults(schema[part], f"{part} of {where}", depth + 1)
    for name in LISTS:
        for one in _listed(schema, name):
            yield from _faults(one, f"{name} of {where}", depth + 1)


def _kind(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    said = schema.get("type", [])
    kinds = said if isinstance(said, list | tuple) else [said]
    if unknown := [kind for kind in kinds if not (isinstance(kind, str) and kind in TYPES)]:
        yield f"{where} is of the unknown type {unknown[0]!r}"


def _listed(schema: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Nothing, where something else stands that is no list."""
    found = schema.get(name, ())
    return found if isinstance(found, list | tuple) else ()


def _properties(schema: Mapping[str, Any], where: str, depth: int) -> Iterator[str]:
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping) or len(properties) > PROPERTIES_MAX:
        yield f"{where} must name its parts, {PROPERTIES_MAX} at most"
        return
    if missing := [name for name in _listed(schema, "required") if str(name) not in properties]:
        yield f"{where} needs {missing[0]!r}, which it does not describe"
    for name, one in properties.items():
        yield from _faults(one, f"{name!r}", depth + 1)
