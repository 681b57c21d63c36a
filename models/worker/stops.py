"""Text out of token bytes: whole characters only, no blanks in front, cut at the first stop text.

What might begin a stop text is held back until it is known."""

from __future__ import annotations

import codecs
from collections.abc import Sequence


class Outlet:
    """Feed it bytes; it returns what may be shown. `hit`: a stop text was reached and nothing more will come."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self._begun = False
        self.hit = False

    def feed(self, data: bytes, *, final: bool = False) -> str:
        text = self._feed(data, final)
        if not self._begun:
            text = text.lstrip()  # many tokenizers begin an answer with a blank
            self._begun = bool(text)
        return text

    def _feed(self, data: bytes, final: bool) -> str:
        if self.hit:
            return ""
        text = self._held + self._decode(data, final)
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.hit, self._held = True, ""
            return text[: min(found)]
        keep = 0 if final else self._maybe(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _maybe(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop text."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        sizes = range(min(longest, len(text)), 0, -1)
        return next((n for n in sizes if any(stop.startswith(text[-n:]) for stop in self._stops)), 0)
