"""Text on its way out, cut at the first stop text. What might begin one is held back until it is known."""

from __future__ import annotations

from collections.abc import Sequence


class Outlet:
    """Feed it text; it returns what may be shown. `hit`: a stop text was reached and nothing more will come."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.hit = False

    def feed(self, text: str, *, final: bool = False) -> str:
        if self.hit:
            return ""
        text = self._held + text
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
