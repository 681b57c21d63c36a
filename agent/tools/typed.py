"""Arguments as JSON values of the types that a server declared.

They arrive as text: the user's own words from the starter, JSON from a chat model. "3" is a number where a number is
declared and a text where a text is; where both may stand, the one that the schema names first counts.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agent.tools.errors import ToolArgumentBad
from agent.tools.schema_fit import kinds_of, listed, local, misfit
from agent.tools.spec import ToolSpec

FORMS_MAX = 200  # of one argument, however they refer to each other
SHOWN_MAX = 60
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_SAID = {
    "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list",
    "object": "a group of named values", "null": "nothing",
}  # fmt: skip
Schema = Mapping[str, Any]


class _NoFitError(Exception):
    """The text is not of this kind."""


def typed(spec: ToolSpec, args: Mapping[str, str]) -> dict[str, Any]:
    """Raises ToolArgumentBad for what does not fit."""
    schema = spec.schema or {}
    described = schema.get("properties", {})
    values = {name: _value(spec, name, described.get(name, {}), text) for name, text in args.items()}
    if wrong := misfit(schema, values):
        raise ToolArgumentBad(f"{spec.name}: {wrong}.", spec.name, "Say it in the form that the tool asks for.")
    return values


def takes_empty(spec: ToolSpec, name: str) -> bool:
    """Whether an empty text is a value of this argument, and not the lack of one."""
    described = (spec.schema or {}).get("properties", {}).get(name, {})
    return "string" in _kinds(described, spec.schema or {})


def _value(spec: ToolSpec, name: str, described: Any, text: str) -> Any:
    whole = spec.schema or {}
    kinds = list(dict.fromkeys(_kinds(described, whole)))
    if not kinds:
        return _any(text)
    if text[:1] in ("[", "{") and "string" in kinds:  # a list or a group that a model wrote, where one may stand
        kinds.sort(key=lambda kind: kind not in ("array", "object"))
    for kind in kinds:
        try:
            return _READ[kind](text, described, whole)
        except _NoFitError:
            continue
    wanted = " or ".join(_SAID.get(kind, kind) for kind in kinds)
    raise ToolArgumentBad(f"{name!r} must be {wanted}, not {text[:SHOWN_MAX]!r}.", f"{spec.name}, {name}")


def _kinds(described: Any, whole: Schema) -> Iterator[str]:
    """Types that a value may have, in the order of the schema. Forms may refer to each other in circles, so they are
    walked one by one up to a bound."""
    waiting = [described]
    for _ in range(FORMS_MAX):
        if not waiting:
            return
        form = local(waiting.pop(), whole)
        if not isinstance(form, Mapping):
            continue
        said = tuple(kind for kind in kinds_of(form) if kind in _READ)
        yield from said
        if not said:
            yield from map(_kind_of, _known_values(form))
        inner = [one for part in ("anyOf", "oneOf", "allOf") for one in listed(form, part)[:FORMS_MAX]]
        waiting += reversed(inner)


def _known_values(form: Schema) -> list[Any]:
    return [*listed(form, "enum")[:FORMS_MAX], *((form["const"],) if "const" in form else ())]


def _kind_of(value: Any) -> str:
    kinds: dict[type, str] = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return "null" if value is None else kinds.get(type(value), "string")


def _any(text: str) -> Any:
    try:
        return _json(text)
    except _NoFitError:
        return text


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _NoFitError from error


def _no_constant(_name: str) -> Any:
    raise ValueError


def _string(text: str, described: Any, whole: Schema) -> Any:
    """One of several: in the spelling of the schema, whatever its case was."""
    found = local(described, whole)
    choices = [one for one in listed(found, "enum") if isinstance(one, str)] if isinstance(found, Mapping) else []
    return next((one for one in choices if one.casefold() == text.strip().casefold()), text)


def _integer(text: str, _described: Any, _whole: Schema) -> int:
    if not re.fullmatch(r"[+-]?\d{1,300}(\.0*)?", text.strip()):
        raise _NoFitError
    return int(text.strip().partition(".")[0])


def _number(text: str, _described: Any, _whole: Schema) -> float | int:
    try:
        return _integer(text, _described, _whole)
    except _NoFitError:
        pass
    try:
        found = float(text)
    except ValueError:
        raise _NoFitError from None
    if not math.isfinite(found):
        raise _NoFitError
    return found


def _boolean(text: str, _described: Any, _whole: Schema) -> bool:
    word = text.strip().casefold()
    if word not in (*_TRUE, *_FALSE):
        raise _NoFitError
    return word in _TRUE


def _null(text: str, _described: Any, _whole: Schema) -> None:
    if text.strip().casefold() not in ("null", "none"):
        raise _NoFitError


def _array(text: str, described: Any, whole: Schema) -> list[Any]:
    """JSON, or things separated by commas."""
    if text.strip().startswith("["):
        found = _json(text)
        if not isinstance(found, list):
            raise _NoFitError
        return found
    kinds = list(_kinds(local(described, whole).get("items", {}), whole)) or ["string"]
    if kinds[0] in ("array", "object"):
        raise _NoFitError
    items = local(described, whole).get("items", {})
    return [_READ[kinds[0]](part.strip(), items, whole) for part in text.split(",") if part.strip()]


def _object(text: str, _described: Any, _whole: Schema) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise _NoFitError
    return found


_READ: Mapping[str, Callable[[str, Any, Schema], Any]] = {
    "string": _string, "integer": _integer, "number": _number, "boolean": _boolean, "null": _null, "array": _array,
    "object": _object,
}  # fmt: skip
