"""Who waits for what at one server that is reached over the network, told how far it is. The requests are made on the
server's own loop, most of them by the protocol's library: they are known by the key of the call that they carry, and
those without one (the greeting, a list) concern everybody who has not come to a request of his own yet."""

import contextlib
import threading
from collections.abc import Iterator

from sync.transports.attempt import Attempt, Stage

TELL_AFTER_S = 1.0  # two seconds are promised, and the first call reads the protocol's library before it connects


class Board:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Attempt] = {}  # no more than calls at once, and those that wait for their turn
        self._asked: set[str] = set()  # whose own request is under way

    @contextlib.contextmanager
    def waiting(self, key: str, attempt: Attempt) -> Iterator[None]:
        with self._lock:
            self._waiting[key] = attempt
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(key, None)
                self._asked.discard(key)

    def stage(self, key: str, stage: Stage, host: str, within_s: float) -> None:
        with self._lock:
            if key in self._waiting:
                self._asked.add(key)
                told = [self._waiting[key]]
            else:
                told = [attempt for one, attempt in self._waiting.items() if one not in self._asked]
        for attempt in told:
            attempt.stage(stage, host, within_s, TELL_AFTER_S)
