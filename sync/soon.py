"""After the user opened the network's sign-in page: what waits is looked at again soon, and so often that it leaves by
itself once that is done; and no more often than that, should it never be."""

from collections.abc import Callable, Sequence

WAITS_S = (3.0, 3.0, 3.0, 4.0, 5.0, 5.0, 7.0, 10.0, 10.0, 15.0, 15.0, 20.0, 20.0)  # two minutes; then as ever


class Soon:
    """Used under the lock of whoever has it."""

    def __init__(self, elapsed: Callable[[], float], waits: Sequence[float] = WAITS_S) -> None:
        self._elapsed = elapsed
        self._waits = waits
        self._left: list[float] = []
        self._at = 0.0

    def begin(self) -> None:
        """Pressed again, it begins anew."""
        self._left = list(self._waits)
        self._at = self._elapsed() + self._left.pop(0)

    def end(self) -> None:
        self._left, self._at = [], 0.0

    def take(self) -> bool:
        """Whether it is time; then the next time is set."""
        if not self._at or self._elapsed() < self._at:
            return False
        self._at = self._elapsed() + self._left.pop(0) if self._left else 0.0
        return True

    def left_s(self) -> float | None:
        """Until the next look; None when there is none."""
        return max(self._at - self._elapsed(), 0.0) if self._at else None
