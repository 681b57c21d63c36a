"""When a worker that died may start again: a few times within a window, each time after a longer pause."""

from __future__ import annotations

from collections import deque

from models.host.limits import Limits


class Restarts:
    """`now` is a monotonic clock's reading in seconds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._times: deque[float] = deque(maxlen=limits.restarts_max)
        self.total = 0

    def pause(self, now: float, *, loaded: bool) -> float | None:
        """Seconds to wait before the next start, which is hereby counted; None: it stays down.

        `loaded`: this model has worked before. One that never came up gets a single second chance.
        """
        self._forget(now)
        if len(self._times) >= (self._limits.restarts_max if loaded else 1):
            return None
        pause = self._limits.backoff_s[min(len(self._times), len(self._limits.backoff_s) - 1)]
        self._times.append(now)
        self.total += 1
        return pause

    def rested(self, now: float) -> bool:
        """Whether a model that stays down may be tried again because it was asked for."""
        self._forget(now)
        return not self._times

    def forgive(self) -> None:
        """The user asked for it: count anew."""
        self._times.clear()

    def _forget(self, now: float) -> None:
        while self._times and now - self._times[0] > self._limits.window_s:
            self._times.popleft()
