"""Names that the user already has, found in a request: contacts, channels, projects, titles.

The model sees a mark on each piece that stands in such a name, never the list: so there may be thousands, and "put eggs
on Groceries" is understood the better for a note called Groceries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.starter.pieces import Piece, split
from models.starter.vocabulary import KNOWN_KINDS

NAMES_MAX = 5_000  # more are not looked at
NAME_PIECES_MAX = 12  # a longer name is nothing one types

Names = Iterable[tuple[str, str]]  # (kind, name), the kind one of KNOWN_KINDS


def kinds_of(text: str, pieces: Sequence[Piece], names: Names) -> list[str | None]:
    """The kind of name that each piece stands in, or None. The longest name wins; of equals, the first kind."""
    found: list[str | None] = [None] * len(pieces)
    index = _index(names)
    if not index:
        return found
    words = [_plain(text[piece.start : piece.end]) for piece in pieces]
    at = 0
    while at < len(words):
        length, kind = _longest(words, at, index.get(words[at], ()))
        found[at : at + length] = [kind] * length
        at += length or 1
    return found


def _index(names: Names) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    index: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for (kind, name), _ in zip(names, range(NAMES_MAX), strict=False):
        words = tuple(_plain(name[piece.start : piece.end]) for piece in split(name[:200]))
        if kind in KNOWN_KINDS and 0 < len(words) <= NAME_PIECES_MAX:
            index.setdefault(words[0], []).append((words, kind))
    return index


def _longest(
    words: Sequence[str], at: int, candidates: Iterable[tuple[tuple[str, ...], str]]
) -> tuple[int, str | None]:
    fitting = [(len(name), -KNOWN_KINDS.index(kind)) for name, kind in candidates if _stands(words, at, name)]
    length, rank = max(fitting, default=(0, 0))
    return length, KNOWN_KINDS[-rank] if length else None


def _stands(words: Sequence[str], at: int, name: tuple[str, ...]) -> bool:
    return tuple(words[at : at + len(name)]) == name


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s")
