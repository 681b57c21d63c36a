"""Answers to pick under a question: a button for each, one under the other, reached with Tab and named in full."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from app.presenters.wording import one_line
from app.theme.tokens import GAP_1
from app.views import pieces

SHOWN_CHARACTERS_MAX = 48  # on a button; what it says in full is its accessible name and its hint


class Choices(QWidget):
    """`on_choice` is told the place of the one that was picked."""

    def __init__(self, on_choice: Callable[[int], None]) -> None:
        super().__init__()
        self._on_choice = on_choice
        self._offered: tuple[str, ...] = ()
        self._column = pieces.column(gap=GAP_1)
        self.setLayout(self._column)
        self.setObjectName("choices")
        self.hide()

    def offer(self, words: tuple[str, ...]) -> None:
        if words == self._offered:
            return
        self._offered = words
        pieces.empty(self._column)
        for place, text in enumerate(words):
            self._column.addLayout(pieces.row(self._button(place, text), None))
        self.setVisible(bool(words))

    def _button(self, place: int, text: str) -> QWidget:
        shown = one_line(text, SHOWN_CHARACTERS_MAX)
        made = pieces.button(shown, partial(self._on_choice, place), f"choice-{place}", hint=text)
        made.setAccessibleName(text)
        return made
