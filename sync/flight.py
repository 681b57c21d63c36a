"""Rounds that are under way: one a destination, a few at once, each in a thread of its own.

Daemon threads on purpose: a destination that hangs must not keep the program from ending. What such a thread leaves
behind is what a crash leaves behind, and the leases know what to make of it.
"""

import threading
from collections.abc import Callable

ASIDE_MAX = 16
SLICE_S = 0.5  # of a wait without an end: not on every system does Ctrl-C wake who waits


class Flight:
    """`most`: how many at once. Used by one thread that starts and waits; the rounds end in their own threads. One that
    stands still gives up its place: at most ASIDE_MAX do."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: set[str] = set()
        self._aside: set[str] = set()
        self._changed = threading.Condition()

    def start(self, name: str, work: Callable[[], None]) -> bool:
        """False when there is no place free, or this one is under way already."""
        with self._changed:
            if name in self._names or not self._has_room():
                return False
            self._names.add(name)
        threading.Thread(target=self._run, args=(name, work), name=f"delivery to {name}", daemon=True).start()
        return True

    def has(self, name: str) -> bool:
        with self._changed:
            return name in self._names

    def wait_for_room(self, timeout_s: float | None = None) -> bool:
        """Until a place is free; False when none became free in time."""
        with self._changed:
            return self._changed.wait_for(self._has_room, timeout_s)

    def stands(self, name: str, *, still: bool) -> None:
        """It waits for somebody who does not come, or goes on."""
        with self._changed:
            if still and name in self._names and len(self._aside) < ASIDE_MAX:
                self._aside.add(name)
            elif not still:
                self._aside.discard(name)
            self._changed.notify_all()

    def wait_for_one(self) -> bool:
        """Until one of them ends; False when none is under way."""
        with self._changed:
            before = len(self._names)
            if not before:
                return False
            while not self._changed.wait_for(lambda: len(self._names) < before, SLICE_S):
                pass
            return True

    def wait_for_all(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._names, timeout_s)

    def _has_room(self) -> bool:
        return len(self._names) - len(self._aside) < self._most

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._changed:
                self._names.discard(name)
                self._aside.discard(name)
                self._changed.notify_all()
