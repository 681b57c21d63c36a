"""One kind of text on its way out: no blanks at its ends, and an empty line where something else stood between."""

from __future__ import annotations

APART = "\n\n"
SPACE_HELD_MAX = 200


class Flow:
    """`holds`: blanks at the end wait for what follows, since a mark behind them swallows them."""

    def __init__(self, *, holds: bool) -> None:
        self._holds = holds
        self._space = ""
        self._fresh = True  # nothing since the beginning or the last break
        self.begun = False

    def push(self, text: str) -> str:
        """What can be shown of it now."""
        if self._fresh:
            text = text.lstrip()
            if not text:
                return ""
            text = (APART if self.begun else "") + text
            self._fresh = False
        text = self._space + text
        shown = text.rstrip() if self._holds else text
        if len(text) - len(shown) > SPACE_HELD_MAX:
            shown = text
        self._space = text[len(shown) :]
        self.begun = self.begun or bool(shown)
        return shown

    def break_off(self) -> None:
        """Something else comes; blanks before it are gone."""
        self._space, self._fresh = "", True

    def rest(self) -> str:
        """The blanks that waited, when nothing more comes."""
        space, self._space = self._space, ""
        return space
