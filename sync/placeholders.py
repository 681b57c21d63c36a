"""Words that stand in an item for what an earlier one has not brought yet: the number of an issue, the link to it.

A placeholder is random, so neither a user's words nor a destination's can be taken for one, and of letters and digits
only, so that no encoding changes it. It is put in for strings alone, never for the names in front of them, and what was
put in is not read again. Inside an address it is encoded whole, so that what a destination says leads nowhere else.
"""

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from sync.steering import without

TOKEN_CHARACTERS_MIN, TOKEN_CHARACTERS_MAX = 8, 100
VALUE_CHARACTERS_MAX = 500
ADDRESSES = ("url", "find")  # members that hold one
TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_CHARACTERS_MIN},{TOKEN_CHARACTERS_MAX}}}")


def new_token(kind: str = "result") -> str:
    """One that stands nowhere else. `kind`: a word for whoever reads it before it is filled, letters only."""
    return f"{kind}-{uuid.uuid4().hex[:16]}"


def stands_in(value: Any, token: str) -> bool:
    """Whether it stands in any string of it."""
    return any(token in text for text in _strings(value))


def names(value: Any) -> Iterator[str]:
    """The names in it, at every depth: where no placeholder may stand."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from names(inner)


def put_in(value: Any, found: Mapping[str, str]) -> Any:
    """A copy with every placeholder of `found` replaced, in one reading. Numbers and names stay as they are."""
    if not found:
        return value
    any_of_them = re.compile("|".join(re.escape(token) for token in sorted(found, key=len, reverse=True)))
    return _put_in(value, any_of_them, found)


def plain(text: str) -> str:
    """What a destination said, on one line, without control characters, bounded."""
    line = without(" ".join(text.split()))
    return "".join(mark for mark in line if unicodedata.category(mark) not in ("Cc", "Cs"))[:VALUE_CHARACTERS_MAX]


def _put_in(value: Any, pattern: re.Pattern[str], found: Mapping[str, str], name: object = "") -> Any:
    """`name`: of the member that it is."""
    if isinstance(value, str):
        within = name in ADDRESSES and "://" in value
        return pattern.sub(lambda token: quote(found[token[0]], safe="") if within else found[token[0]], value)
    if isinstance(value, Mapping):
        return {name: _put_in(inner, pattern, found, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_put_in(inner, pattern, found) for inner in value]
    return value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
