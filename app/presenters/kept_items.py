"""Outbox items that cards are made of, as the newest word about each has them. Words come by two ways, from the
sessions' thread and from whoever delivers, so the one that was read first may come last.
"""

from collections.abc import Callable
from typing import TypeVar

from sync.item import Item

T = TypeVar("T")
KEPT_MAX = 2_000
EDITS_MAX = 100  # of one item that are followed


class KeptItems:
    """At most KEPT_MAX, those that something was last heard of."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._items: dict[str, Item] = {}
        self._successors: dict[str, str] = {}
        self._now_ms = now_ms

    def keep(self, *items: Item) -> bool:
        """Whether others were forgotten for these."""
        forgot = False
        for item in items:
            if not self._is_past(item):
                forgot |= _put(self._items, item.id, item)
                if item.replaces:
                    self.lead(item.replaces, item.id)
        return forgot

    def lead(self, item_id: str, newer_id: str) -> None:
        """Who asks for the one is shown the other."""
        _put(self._successors, item_id, newer_id)

    def newest(self, item_id: str) -> Item | None:
        """An edited item is replaced by another."""
        for _ in range(EDITS_MAX):
            if item_id not in self._successors:
                break
            item_id = self._successors[item_id]
        return self._items.get(item_id)

    def _is_past(self, item: Item) -> bool:
        """What is known was written later; unless a clock that was ahead has written it."""
        known = self._items.get(item.id)
        return known is not None and item.updated_at < known.updated_at <= self._now_ms()


def _put(kept: dict[str, T], key: str, value: T) -> bool:
    """As the newest of it; the oldest makes room."""
    kept.pop(key, None)
    kept[key] = value
    if full := len(kept) > KEPT_MAX:
        del kept[next(iter(kept))]
    return full
