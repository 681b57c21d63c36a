"""Templates of the user's own: `{{name}}` stands for an argument. What may hold one is decided by structure, not by
looking for signs: a JSON template is read as JSON and filled text by text, an address is filled component by component.
So no value can end a text, add a member or lead to another host.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

KEY = "key"  # {{key}}: the item's own key, known once it is in the outbox
DEPTH_MAX = 20
_PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,39})\s*\}\}")
_MARK = "x0placeholder0x"  # stands in for a value while the address as a whole is looked at


class TemplateError(ValueError):
    """Its words are a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Value:
    """What goes into a template. `number`: alone in its place it becomes a number."""

    text: str
    number: bool = False


Values = Mapping[str, Value]


def placeholders(text: str) -> frozenset[str]:
    return frozenset(_PLACE.findall(text))


def fill_text(template: str, values: Values) -> str:
    """As it is; what was left out is empty."""
    return _PLACE.sub(lambda match: _text(values, match[1]), template)


def url_faults(template: str) -> Iterator[str]:
    whole = _PLACE.sub(_MARK, template)
    try:
        parts = urlsplit(whole)
    except ValueError:
        parts = urlsplit("")
    if _MARK in parts.netloc or template.lstrip().startswith("{{"):
        yield "an argument may not stand in the host"
    elif not _is_address(parts) or re.search(r"\s", whole):
        yield "url must begin with http:// or https://"
    elif "@" in parts.netloc:
        yield "url may hold no login; use secret or headers"
    elif parts.fragment:
        yield "url may hold no #"


def _is_address(parts: SplitResult) -> bool:
    try:
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin(template: str) -> tuple[str, str]:
    """Scheme and host, which hold no argument."""
    parts = urlsplit(_PLACE.sub(_MARK, template))
    return parts.scheme, parts.netloc


def fill_url(template: str, values: Values) -> str:
    """Each value percent-encoded whole. Raises TemplateError where a part of the path would be empty, or mean "up"."""
    filled = _PLACE.sub(lambda match: quote(_text(values, match[1]), safe=""), template)
    asked, given = urlsplit(_PLACE.sub(_MARK, template)), urlsplit(filled)
    for before, after in zip(asked.path.split("/"), given.path.split("/"), strict=True):
        if _MARK in before and after in ("", ".", ".."):
            raise TemplateError("A part of the address would be empty, or lead out of its place.")
    return filled


def json_faults(template: str) -> Iterator[str]:
    try:
        read = json.loads(template)
    except (ValueError, RecursionError) as error:
        yield f"json is none: {error}; write {{{{name}}}} inside a text in quotes"
        return
    try:
        if any(placeholders(key) for key in _keys(read)):
            yield "an argument may not stand in the name of a member"
    except TemplateError as error:
        yield str(error)


def fill_json(template: str, values: Values) -> Any:
    """The JSON value. A member whose text is one argument that was left out is left out, too."""
    return _filled(json.loads(template), values)


def _filled(value: Any, values: Values) -> Any:
    if isinstance(value, str):
        return _filled_text(value, values)
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value if not _left_out(inner, values)]
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items() if not _left_out(inner, values)}
    return value


def _filled_text(text: str, values: Values) -> Any:
    alone = _PLACE.fullmatch(text)
    value = values.get(alone[1]) if alone else None
    if value is None or not value.number:
        return fill_text(text, values)
    return _number(value.text)


def _number(text: str) -> Any:
    try:
        number = json.loads(text.strip())
    except (ValueError, RecursionError):
        number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number != number or abs(number) > 1e300:  # noqa: PLR0124
        raise TemplateError(f"{text[:40]!r} is no number such as 12 or 0.5.")
    return number


def _left_out(value: Any, values: Values) -> bool:
    alone = _PLACE.fullmatch(value) if isinstance(value, str) else None
    return bool(alone) and alone is not None and alone[1] not in values


def _keys(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEPTH_MAX:
        raise TemplateError(f"json is nested deeper than {DEPTH_MAX} levels")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield from value
    for one in inner:
        yield from _keys(one, depth + 1)


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value.text if value else ""
