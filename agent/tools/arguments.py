"""Arguments against a tool's declaration, before any of its code is imported."""

import json
import re
from collections.abc import Mapping
from typing import Any

from agent.tools.errors import ToolArgumentBad
from agent.tools.spec import CHARACTERS_MAX, Kind, Param, ToolSpec

ARGUMENTS_MAX = 16
SHOWN_MAX = 40  # characters of a bad value that a message repeats
_HALF = re.compile("[\ud800-\udfff]")  # of a character, as a terminal in another encoding hands it on


def checked(spec: ToolSpec, args: Mapping[str, Any]) -> dict[str, str]:
    """Every argument as trimmed text; optional ones that are empty are left out. Those of a server's tool stay as they
    are, since a file's last line counts, and must fit its schema. Raises ToolArgumentBad."""
    if len(args) > max(ARGUMENTS_MAX, len(spec.params)):
        raise ToolArgumentBad(f"{len(args)} arguments are too many.", spec.name, _usage(spec))
    known = {param.name: param for param in spec.params}
    if unknown := sorted(set(args) - set(known)):
        raise ToolArgumentBad(f"{spec.name} has no argument {unknown[0]!r}.", spec.name, _usage(spec))
    values = {name: _text(spec, known[name], value) for name, value in args.items() if value is not None}
    values = {name: value for name, value in values.items() if value or _is_meant(spec, name)}
    if missing := [name for name in spec.required if name not in values]:
        about = known[missing[0]].about
        raise ToolArgumentBad(f"{spec.name} needs {missing[0]!r}: {about}", spec.name, _usage(spec))
    if spec.schema is not None:
        from agent.tools.typed import typed

        typed(spec, values)
    return values


def _is_meant(spec: ToolSpec, name: str) -> bool:
    if spec.schema is None:
        return False
    from agent.tools.typed import takes_empty

    return takes_empty(spec, name)


def _text(spec: ToolSpec, param: Param, value: Any) -> str:
    where = f"{spec.name}, {param.name}"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and param.kind is Kind.NUMBER:
        value = repr(value)
    if spec.schema is not None and not isinstance(value, str):
        value = _json(value, where)
    if not isinstance(value, str):
        raise ToolArgumentBad(
            f"{param.name!r} must be text, not {type(value).__name__}.", where, f"Put it in quotes: {param.about}"
        )
    limit = CHARACTERS_MAX[param.kind]
    if len(value) > limit:
        raise ToolArgumentBad(
            f"{param.name!r} is {len(value):,} characters long; {limit:,} is the most.",
            where,
            "Make it shorter. Your message itself is kept.",
        )
    if "\0" in value:
        raise ToolArgumentBad(
            f"{param.name!r} holds a zero byte: {value[:SHOWN_MAX]!r}.", where, "Type it anew as plain text."
        )
    if _HALF.search(value):
        raise ToolArgumentBad(f"{param.name!r} holds half of a character.", where, "Type it anew as plain text.")
    return value.strip() if spec.schema is None else value


def _json(value: Any, where: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ToolArgumentBad("This is no value that can be passed on.", where, "Write it as plain JSON.") from error


def _usage(spec: ToolSpec) -> str:
    names = (param.name if param.required else f"{param.name} (optional)" for param in spec.params)
    return f"It takes: {', '.join(names) or 'nothing'}."
