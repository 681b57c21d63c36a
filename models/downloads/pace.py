"""How fast it goes and how long it will take: smoothed, forgetful, and silent until it knows.

Bytes and seconds are both summed with the same forgetting, so the speed is that of the last few seconds whatever the
steps between were. A long silence (a machine that slept) is left out: it says nothing of the network.
"""

from __future__ import annotations

HALF_LIFE_S = 4.0
GAP_S = 15.0
KNOWN_AFTER_S = 1.0
SLOWEST = 1.0  # bytes a second; below it no time left is told


class Pace:
    """Times are seconds of any clock that does not go back."""

    def __init__(self, half_life_s: float = HALF_LIFE_S) -> None:
        self._half_life_s = half_life_s
        self._at: float | None = None
        self._done = 0
        self._bytes = self._seconds = 0.0

    def add(self, at: float, done: int) -> None:
        """`done`: bytes so far, those of earlier runs among them."""
        if self._at is None or done < self._done or not 0 <= at - self._at <= GAP_S:
            self._at, self._done = at, done
            self._bytes = self._seconds = 0.0
            return
        passed = at - self._at
        keep = 0.5 ** (passed / self._half_life_s)
        self._bytes = self._bytes * keep + done - self._done
        self._seconds = self._seconds * keep + passed
        self._at, self._done = at, done

    @property
    def bytes_per_second(self) -> float | None:
        return self._bytes / self._seconds if self._seconds >= KNOWN_AFTER_S else None

    def seconds_left(self, total: int) -> float | None:
        speed = self.bytes_per_second
        return None if speed is None or speed < SLOWEST else max(0, total - self._done) / speed
