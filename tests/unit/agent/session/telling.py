"""What the core told, from whatever thread, and a way to wait for it."""

import threading
from collections.abc import Callable

from agent.protocol.events import Event

SECONDS_MAX = 30


class Told(list[Event]):
    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def append(self, event: Event) -> None:
        with self._changed:
            super().append(event)
            self._changed.notify_all()

    def until(self, found: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(found, SECONDS_MAX), list(self)

    def first(self, fits: Callable[[Event], bool]) -> Event:
        """Waits for it."""
        self.until(lambda: any(map(fits, self)))
        return next(filter(fits, self))
