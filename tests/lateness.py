"""How late this machine makes whoever only waits. A bound on time means the program's own; what a busy machine adds to
it is measured beside it, by a thread that does nothing but wait, and is allowed. On a quiet machine that is nothing."""

import threading
import time
from typing import Self

TICK_S = 0.01


class Lateness:
    """`late_s`: by how much the waits of this thread were too long so far, all together."""

    def __init__(self) -> None:
        self.late_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _wait(self) -> None:
        before = time.monotonic()
        while not self._over.wait(TICK_S):
            now = time.monotonic()
            self.late_s += max(now - before - TICK_S, 0.0)
            before = now
