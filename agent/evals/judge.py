"""Whether a document holds what was wanted of it: the same document, the same verdict; no model judges.

A path is keys and positions joined by dots ("calls.0.status"; "" is the whole document). What is wanted is a value, or
a table of checks: `has` (a text or a list holds it), `one_of`, `count`, `at_least`, `filled`.
"""

from collections.abc import Callable, Mapping
from typing import Any

SHOWN_MAX = 120  # characters of a value in a reason


def _has(found: Any, value: Any) -> bool:
    return isinstance(found, str | list) and value in found


def _count(found: Any, value: Any) -> bool:
    return isinstance(found, list | dict | str) and len(found) == value


def _at_least(found: Any, value: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and bool(found >= value)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "has": _has,
    "one_of": lambda found, values: found in values,
    "count": _count,
    "at_least": _at_least,
    "filled": lambda found, value: bool(found) == value,
}


def unmet(wants: Mapping[str, Any], document: Any) -> tuple[str, ...]:
    """What is wanted and is not there, a sentence each."""
    return tuple(
        f"{path or 'the document'} is {_short(found)}, wanted: {_short(expected)}"
        for path, expected in wants.items()
        if not _holds(found := at(path, document), expected)
    )


def at(path: str, document: Any) -> Any:
    """None where nothing is."""
    for part in filter(None, path.split(".")):
        if isinstance(document, list) and part.isdecimal():
            document = document[int(part)] if int(part) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document


def _holds(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return all(OPERATORS[name](found, value) for name, value in expected.items())
    return type(found) is type(expected) and bool(found == expected)


def _short(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= SHOWN_MAX else words[:SHOWN_MAX] + "…"
