"""Whether a value fits a JSON Schema, as far as a bounded number of steps tells: what is passed to a tool, and what a
tool promised to answer. The schema is a stranger's: patterns are never run and nothing outside of it is read, so it can
make no check take long.
"""

from collections.abc import Callable, Mapping
from typing import Any

STEPS_MAX = 50_000
DEPTH_MAX = 40
REFERENCES_MAX = 16
CHOICES_SHOWN_MAX = 8

_IS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or _is_whole(value),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def misfit(schema: Any, value: Any, beyond: str = "") -> str:
    """What does not fit first, in words; "" when nothing was found, `beyond` where it takes too many steps."""
    try:
        return _Fit(schema).look(schema, value, "", 0)
    except _EnoughError:
        return beyond


def local(schema: Any, whole: Any) -> Any:
    """What a reference inside the schema stands for; {} for one that leads nowhere."""
    for _ in range(REFERENCES_MAX):
        if not isinstance(schema, Mapping) or not isinstance(schema.get("$ref"), str):
            return schema
        schema = _at(whole, str(schema["$ref"]))
    return {}


def _at(whole: Any, reference: str) -> Any:
    found = whole
    for part in reference.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return {}
        found = found[name]
    return found


def listed(schema: Mapping[str, Any], name: str) -> list[Any]:
    """Nothing, where something else than a list stands."""
    found = schema.get(name)
    return found if isinstance(found, list) else []


def kinds_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that it names itself."""
    said = schema.get("type")
    return (said,) if isinstance(said, str) else tuple(kind for kind in listed(schema, "type") if isinstance(kind, str))


class _EnoughError(Exception):
    """The steps are used up."""


class _Fit:
    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self._steps = 0

    def look(self, schema: Any, value: Any, where: str, depth: int) -> str:
        self._steps += 1
        if self._steps > STEPS_MAX or depth > DEPTH_MAX:
            raise _EnoughError
        schema = local(schema, self._whole)
        if schema is False:
            return f"{where or 'this'} may not be there"
        if not isinstance(schema, Mapping):
            return ""
        return (
            _kind(schema, value, where)
            or _choice(schema, value, where)
            or _size(schema, value, where)
            or self._parts(schema, value, where, depth)
            or self._either(schema, value, where, depth)
        )

    def _parts(self, schema: Mapping[str, Any], value: Any, where: str, depth: int) -> str:
        if isinstance(value, dict):
            return self._named(schema, value, where, depth)
        if isinstance(value, list):
            first = listed(schema, "prefixItems")
            for number, one in enumerate(value):
                inner = first[number] if number < len(first) else schema.get("items", {})
                if wrong := self.look(inner, one, f"entry {number + 1} of {where or 'it'}", depth + 1):
                    return wrong
        return ""

    def _named(self, schema: Mapping[str, Any], value: dict[str, Any], where: str, depth: int) -> str:
        described = schema.get("properties")
        described = described if isinstance(described, Mapping) else {}
        for name in listed(schema, "required"):
            if isinstance(name, str) and name not in value:
                return f"{name[:60]!r} is missing{f' in {where}' if where else ''}"
        for name, inner in value.items():
            part = described.get(name, schema.get("additionalProperties", {}))
            if wrong := self.look(part, inner, f"{where}.{name}" if where else name, depth + 1):
                return wrong
        return ""

    def _either(self, schema: Mapping[str, Any], value: Any, where: str, depth: int) -> str:
        for one in listed(schema, "allOf"):
            if wrong := self.look(one, value, where, depth + 1):
                return wrong
        for part in ("anyOf", "oneOf"):
            found = [self.look(one, value, where, depth + 1) for one in listed(schema, part)]
            if found and all(found):
                return found[0]
        return ""


def _kind(schema: Mapping[str, Any], value: Any, where: str) -> str:
    kinds = kinds_of(schema)
    if not kinds or any(kind in _IS and _IS[kind](value) for kind in kinds):
        return ""
    return f"{where or 'this'} must be of the type {' or '.join(map(str, kinds))}"


def _choice(schema: Mapping[str, Any], value: Any, where: str) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(_same(one, value) for one in choices):
        more = ", …" if len(choices) > CHOICES_SHOWN_MAX else ""
        shown = ", ".join(str(one)[:60] for one in choices[:CHOICES_SHOWN_MAX])
        return f"{where or 'this'} must be one of {shown}{more}"
    if "const" in schema and not _same(schema["const"], value):
        return f"{where or 'this'} must be {str(schema['const'])[:60]}"
    return ""


def _same(one: Any, other: Any) -> bool:
    """True is not 1 in JSON."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _size(schema: Mapping[str, Any], value: Any, where: str) -> str:
    name = where or "this"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _outside(value, schema, "minimum", "maximum", f"{name} must be")
    if isinstance(value, str):
        return _outside(len(value), schema, "minLength", "maxLength", f"the characters of {name} must be")
    if isinstance(value, list):
        return _outside(len(value), schema, "minItems", "maxItems", f"the entries of {name} must be")
    return ""


def _outside(found: float, schema: Mapping[str, Any], least: str, most: str, words: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if _IS["number"](low) and found < low:  # type: ignore[operator]
        return f"{words} {low} at least"
    if _IS["number"](high) and found > high:  # type: ignore[operator]
        return f"{words} {high} at most"
    return ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()
