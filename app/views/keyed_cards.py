"""A column of cards, one for each row of a presenter. A card stays as long as its row, so that the focus stays too."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QFrame, QVBoxLayout

R = TypeVar("R")


class Card(QFrame, Generic[R]):
    """Shows a row, and later rows of the same key."""

    def show_row(self, row: R) -> None:
        raise NotImplementedError


class KeyedCards(Generic[R]):
    """Puts them into `layout`, in order; only what is new is made."""

    def __init__(self, layout: QVBoxLayout, key: Callable[[R], str], make: Callable[[R], Card[R]]) -> None:
        self._layout, self._key, self._make = layout, key, make
        self._cards: dict[str, Card[R]] = {}

    def show_rows(self, rows: Iterable[R]) -> None:
        wanted = {self._key(row): row for row in rows}
        for key in [key for key in self._cards if key not in wanted]:
            self._let_go(key)
        for place, (key, row) in enumerate(wanted.items()):
            card = self._cards.get(key)
            if card is None:
                card = self._cards[key] = self._make(row)
            card.show_row(row)
            if self._layout.indexOf(card) != place:
                self._layout.insertWidget(place, card)

    def show_row(self, key: str, row: R | None) -> None:
        """Of this one alone, if it is there."""
        card = self._cards.get(key)
        if row is not None and card is not None:
            card.show_row(row)

    def _let_go(self, key: str) -> None:
        card = self._cards.pop(key)
        self._layout.removeWidget(card)
        card.hide()
        card.deleteLater()
