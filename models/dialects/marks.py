"""Finds where in a streaming text something other than text begins, and how much of its end may be such a beginning.

An answer may be about the very marks of its model. So the common tag for thinking counts only where nothing was said
yet, one that the template writes only at the beginning of a line, and what closes thinking only where it was open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.dialects.compare import has_tag
from models.dialects.dialect import Dialect

Kind = Literal["call", "think", "drop"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Text up to `start`; then `mark`, or, where that is empty, what must wait."""

    start: int
    mark: str = ""
    kind: Kind = "drop"


class Marks:
    def __init__(self, dialect: Dialect, *, calls: bool) -> None:
        self._thinking = dialect.thinking
        kinds: dict[str, Kind] = dict.fromkeys((*dialect.silent, self._thinking.close), "drop")
        kinds[self._thinking.open] = "think"
        for opening in openings(dialect.writing.opening) if calls else ():
            kinds[opening] = "call"
        kinds.pop("", None)
        self._kinds = kinds
        self._beginnings = frozenset(mark[0] for mark in kinds)

    def find(self, text: str, *, before: str, spoken: bool, final: bool) -> Hit:
        """`before`: the last letter that was there, none behind another mark; `spoken`: something was said."""
        if self._beginnings.isdisjoint(text):  # so it is with nearly every token
            return Hit(len(text))
        found = [(at, -len(mark), mark) for mark in self._kinds if (at := self._place(text, mark, before, spoken)) >= 0]
        if not found:
            keep = max((overlap(text, mark) for mark in self._kinds), default=0)
            return self._ending(text) if final else Hit(len(text) - keep)
        at, _, mark = min(found)
        longer = any(len(one) > len(text) - at and one.startswith(text[at:]) for one in self._kinds)
        return Hit(at) if longer and not final else Hit(at, mark, self._kinds[mark])

    def _place(self, text: str, mark: str, before: str, spoken: bool) -> int:
        """Where the mark stands as one; -1: nowhere."""
        at = text.find(mark)
        if at < 0 or mark not in (self._thinking.open, self._thinking.close) or mark.startswith("<|"):
            return at
        line = text[:at].rstrip(" \t")
        if mark == self._thinking.close or self._thinking.first:
            return -1 if spoken or line.strip() else at
        return at if (line or before or "\n").endswith("\n") else -1

    def _ending(self, text: str) -> Hit:
        """A mark that was cut off by the end of everything is no text either."""
        dropped = [mark for mark, kind in self._kinds.items() if kind == "drop" and mark != self._thinking.close]
        kept = max((overlap(text, mark) for mark in dropped), default=0)
        tail = text[len(text) - kept :]
        return Hit(len(text) - kept, tail) if has_tag(tail) else Hit(len(text))


def openings(opening: str) -> list[str]:
    """The ways to write it: an object may be laid out in lines."""
    if not opening.startswith('{"'):
        return [opening]
    return [opening, *(f"{{{space}{opening[1:]}" for space in (" ", "\n", "\n  ", "\n    ", "\n\t"))]


def overlap(text: str, mark: str) -> int:
    """How many characters at the end of `text` may be the beginning of `mark`."""
    sizes = range(min(len(mark) - 1, len(text)), 0, -1)
    return next((size for size in sizes if text.endswith(mark[:size])), 0)
