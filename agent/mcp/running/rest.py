"""When a server that failed may be started again: at once after the first time, then later and later, and after too
many in a row not before a long rest. A call that succeeded forgets them all."""

from collections.abc import Callable

IN_A_ROW_MAX = 6
FIRST_WAIT_S, LONGEST_WAIT_S, REST_S = 0.5, 30.0, 300.0


class Rest:
    """Not thread-safe; its supervisor holds a lock. `clock`: seconds that never run backwards."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = 0.0
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1
        self._until = self._clock() + self._wait_s()

    def succeeded(self) -> None:
        self.failures, self._until = 0, 0.0

    def left_s(self) -> float:
        """Seconds until it may be started; 0 when it may."""
        return max(0.0, self._until - self._clock())

    @property
    def gave_up(self) -> bool:
        return self.failures >= IN_A_ROW_MAX

    def _wait_s(self) -> float:
        if self.failures <= 1:
            return 0.0
        return REST_S if self.gave_up else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (self.failures - 2))
