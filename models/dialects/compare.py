"""Two renderings side by side: what they begin with and end with alike, never cutting through a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

_PIECE = re.compile(r"<[^<>\s][^<>]*>|\[/?[A-Z][A-Z_]*\]|\w+|.", re.DOTALL)
_TAG = re.compile(r"<[^<>\s][^<>]*>|\[/?[A-Z][A-Z_]*\]")


def pieces(text: str) -> list[str]:
    """Tags whole, words whole, every other character by itself."""
    return _PIECE.findall(text)


def is_tag(piece: str) -> bool:
    return _TAG.fullmatch(piece) is not None


def has_tag(text: str) -> bool:
    return _TAG.search(text) is not None


def same_start(one: str, other: str) -> str:
    return "".join(_alike(zip(pieces(one), pieces(other), strict=False)))


def same_end(one: str, other: str) -> str:
    return "".join(reversed(list(_alike(zip(reversed(pieces(one)), reversed(pieces(other)), strict=False)))))


def _alike(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
