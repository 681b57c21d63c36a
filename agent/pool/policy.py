"""When a worker rests and when it comes back by itself. Pure: situations and times come in, moves go out.

Reasons must hold (low twice in a row; calm for a minute) and every state lasts: so a worker that was let go is not
taken up and let go again while a reading wavers. Requests do not ask here: one always gets its worker.
"""

from dataclasses import dataclass
from enum import StrEnum

from agent.pool.bounds import Bounds
from models.host.pressure import Level

ALWAYS, AUTO, NEVER = "always", "auto", "never"  # model.keep_warm


class Why(StrEnum):
    """Why a worker rests."""

    MEMORY = "memory"
    BATTERY = "battery"
    TRAY = "tray"
    UNUSED = "unused"
    OFF = "off"


WORDS = {
    Why.MEMORY: "Resting to free memory; wakes when you write.",
    Why.BATTERY: "Resting to save battery; wakes when you write.",
    Why.TRAY: "Resting while the window is away; wakes when you write.",
    Why.UNUSED: "Resting until it is needed; wakes when you write.",
    Why.OFF: "Resting because the models are switched off.",
}
BY_WORDS = {words: why for why, words in WORDS.items()}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is looked at. A level None: this machine does not say. `hidden_s`: since when the window sits in the tray;
    None: it is shown. `unused_s`: since the worker came up, answered last, or the user wrote."""

    keep: str = AUTO
    memory: Level | None = None
    battery: Level | None = None
    hidden_s: float | None = None
    unused_s: float = 0.0
    off: bool = False

    @property
    def memory_is_out(self) -> bool:
        return self.memory is Level.OUT

    @property
    def calm(self) -> bool:
        """Nothing would press a worker that came back, and somebody is there for whom it would."""
        levels = (self.memory,) if self.keep == ALWAYS else (self.memory, self.battery)
        away = self.hidden_s is not None and self.keep != ALWAYS
        return self.keep != NEVER and not self.off and not away and all(level in (None, Level.CALM) for level in levels)


class Policy:
    """One worker's comings and goings. `now` is a monotonic clock's reading in seconds."""

    def __init__(self, bounds: Bounds, now: float) -> None:
        self._bounds = bounds
        self._since = now
        self._pressed = 0  # looks in a row
        self._calm_since: float | None = None

    def moved(self, now: float) -> None:
        """It came up or was let go, whoever wanted it."""
        self._since, self._pressed, self._calm_since = now, 0, None

    def rests(self, now: float, seen: Situation) -> Why | None:
        """Of a worker that is up and has no work: why it should be let go now, if at all."""
        why = self._why(seen)
        self._pressed = self._pressed + 1 if why in (Why.MEMORY, Why.BATTERY) else 0
        if why is None or why is Why.OFF:
            return why
        stay = self._bounds.out_stay_s if seen.memory_is_out else self._bounds.stay_s
        stay = self._bounds.unused_s if why is Why.UNUSED else stay
        if now - self._since < stay or seen.unused_s < self._bounds.settle_s:
            return None
        return why if why in (Why.TRAY, Why.UNUSED) or self._pressed >= self._bounds.agree else None

    def returns(self, now: float, seen: Situation) -> bool:
        """Of a worker that rests: whether it should come back although nobody asked."""
        if not seen.calm:
            self._calm_since = None
            return False
        self._calm_since = now if self._calm_since is None else self._calm_since
        return now - self._since >= self._bounds.stay_s and now - self._calm_since >= self._bounds.calm_s

    def _why(self, seen: Situation) -> Why | None:
        bounds = self._bounds
        if seen.off:
            return Why.OFF
        if seen.memory_is_out or (seen.keep != ALWAYS and seen.memory is Level.LOW):
            return Why.MEMORY
        if seen.keep == ALWAYS:
            return None
        if seen.battery is Level.LOW:
            return Why.BATTERY
        if seen.keep == NEVER and seen.unused_s >= bounds.unused_s:
            return Why.UNUSED
        away = seen.hidden_s is not None and min(seen.hidden_s, seen.unused_s) >= bounds.tray_s
        return Why.TRAY if away else None
