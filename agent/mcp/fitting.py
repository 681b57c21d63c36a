"""Whether a structured result is what the tool promised. The promise is a stranger's, so it is checked in a bounded
number of steps and without its regular expressions: one of those can hold a program for hours.

Checked: type, enum, const, required, properties, additionalProperties, items, anyOf, oneOf, allOf and references inside
the schema. What else it says is not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

STEPS_MAX = 50_000
DEPTH_MAX = 64


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": _is_number,
}


def misfit(value: Any, schema: Mapping[str, Any]) -> str:
    """What does not fit, as a clause ("its field 'id' is missing"); "" when all that is checked fits."""
    check = _Check(schema)
    try:
        return check.of(value, schema, "it", 0)
    except _TooMuchError:
        return "it cannot be checked within bounds"


class _TooMuchError(Exception):
    pass


class _Check:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._steps = 0

    def of(self, value: Any, schema: Any, where: str, depth: int) -> str:
        self._steps += 1
        if self._steps > STEPS_MAX or depth > DEPTH_MAX:
            raise _TooMuchError
        if not isinstance(schema, Mapping):
            return f"{where} is not foreseen" if schema is False else ""
        if isinstance(reference := schema.get("$ref"), str):
            return self.of(value, self._target(reference), where, depth + 1)
        checks = (self._type, self._fixed, self._fields, self._items, self._choices)
        return next((fault for check in checks if (fault := check(value, schema, where, depth))), "")

    def _target(self, reference: str) -> Any:
        """Inside this schema alone; what leads nowhere promises nothing."""
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found

    def _type(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        said = schema.get("type")
        kinds = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        known = [kind for kind in kinds if isinstance(kind, str) and kind in _TYPES]
        if known and not any(_TYPES[kind](value) for kind in known):
            return f"{where} is not of the type {' or '.join(known)}"
        return ""

    def _fixed(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        choices = schema.get("enum")
        if isinstance(choices, list) and not any(_same(value, choice) for choice in choices[:STEPS_MAX]):
            return f"{where} is none of the values it may have"
        return (
            f"{where} is not the value it must have" if "const" in schema and not _same(value, schema["const"]) else ""
        )

    def _fields(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        if not isinstance(value, Mapping):
            return ""
        required, known = schema.get("required", ()), schema.get("properties", {})
        known = known if isinstance(known, Mapping) else {}
        for name in required if isinstance(required, Sequence) else ():
            if name not in value:
                return f"its field {str(name)[:60]!r} is missing"
        others = schema.get("additionalProperties", True)
        for name, one in value.items():
            if fault := self.of(one, known.get(name, others), f"its field {str(name)[:60]!r}", depth + 1):
                return fault
        return ""

    def _items(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        items = schema.get("items", True)
        if not isinstance(value, list) or not isinstance(items, Mapping | bool):
            return ""
        faults = (self.of(one, items, f"a part of {where}", depth + 1) for one in value)
        return next((fault for fault in faults if fault), "")

    def _choices(self, value: Any, schema: Mapping[str, Any], where: str, depth: int) -> str:
        for part in _parts(schema, "allOf"):
            if fault := self.of(value, part, where, depth + 1):
                return fault
        for name, most in (("anyOf", STEPS_MAX), ("oneOf", 1)):
            parts = _parts(schema, name)
            if parts and not 1 <= sum(not self.of(value, part, where, depth + 1) for part in parts) <= most:
                return f"{where} fits none of its forms, or more than one"
        return ""


def _parts(schema: Mapping[str, Any], name: str) -> Sequence[Any]:
    said = schema.get(name)
    return said if isinstance(said, list) else ()


def _same(one: Any, other: Any) -> bool:
    """As JSON has it: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
