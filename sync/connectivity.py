"""Whether it makes sense to try the network: the user's switch rules, real attempts are the truth, the system's word is
a hint.

    offline    the switch is off; or the hint says so and nothing was reached since; or nobody at all was reached lately
    degraded   some destinations answer, some do not; or the first failures after good times
    online     what was tried last was reached; or nothing speaks against it

Hysteresis: one failure does not take "online" away whole, and one success does not bring "online" back while others
still fail. Loopback destinations need no network: they are always tried and say nothing about it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sync.events import ConnectivityChanged

FAILURES_TO_LEAVE_ONLINE = 2  # in a row, at one destination
FAILURES_TO_GO_OFFLINE = 3  # in a row, over all destinations
DESTINATIONS_REMEMBERED_MAX = 64
PROBE_FIRST_S, PROBE_CAP_S = 30.0, 900.0  # while the hint says that there is no network


class NetworkState(StrEnum):
    OFFLINE = "offline"
    DEGRADED = "degraded"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Standing:
    state: NetworkState
    manual: bool
    why: str

    def event(self) -> ConnectivityChanged:
        return ConnectivityChanged(self.state.value, self.manual, self.why)


class Connectivity:
    """Used from several threads. Methods that may change the standing return the event if they did, else None."""

    def __init__(self, clock: Callable[[], float], *, offline: bool = False) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._manual = offline
        self._hint: bool | None = None
        self._failures: dict[str, int] = {}  # destination to failures in a row; 0 after a success
        self._failed_in_a_row = 0
        self._reached_at: float | None = None
        self._hinted_at = clock()
        self._probe_at = 0.0
        self._probe_wait = PROBE_FIRST_S
        self._standing = self._judge()

    @property
    def standing(self) -> Standing:
        with self._lock:
            return self._standing

    @property
    def state(self) -> NetworkState:
        return self.standing.state

    def switch(self, *, offline: bool) -> ConnectivityChanged | None:
        """The user's own switch. While it is off nothing at all is tried, loopback included."""
        with self._lock:
            self._manual = offline
            return self._rejudge()

    def hint(self, reachable: bool | None) -> ConnectivityChanged | None:
        """What the system believes; None when it does not know."""
        with self._lock:
            now = self._clock()
            if reachable is False and self._hint is not False:
                self._probe_wait = PROBE_FIRST_S
                self._probe_at = now + self._probe_wait
            if reachable and self._hint is False:
                self._forget()
            self._hint, self._hinted_at = reachable, now
            return self._rejudge()

    def report(self, destination: str, *, reached: bool, loopback: bool) -> ConnectivityChanged | None:
        """The outcome of a real attempt. Reached means that somebody there answered, be it with a no."""
        if loopback:
            return None
        with self._lock:
            if reached:
                self._failures[destination] = 0
                self._failed_in_a_row = 0
                self._reached_at = self._clock()
            else:
                self._failures[destination] = self._failures.get(destination, 0) + 1
                self._failed_in_a_row += 1
                self._probe_wait = min(self._probe_wait * 2, PROBE_CAP_S)
                self._probe_at = self._clock() + self._probe_wait
            while len(self._failures) > DESTINATIONS_REMEMBERED_MAX:
                del self._failures[next(iter(self._failures))]
            return self._rejudge()

    def allows(self, *, loopback: bool) -> bool:
        """Whether a destination may be tried now."""
        with self._lock:
            if self._manual:
                return False
            return loopback or not self._disconnected() or self._clock() >= self._probe_at

    def next_probe_s(self) -> float | None:
        """Seconds until a remote destination may be tried although the hint says that there is no network."""
        with self._lock:
            if self._manual or not self._disconnected():
                return None
            return max(self._probe_at - self._clock(), 0.0)

    # Inner, under the lock

    def _disconnected(self) -> bool:
        reached_since = self._reached_at is not None and self._reached_at >= self._hinted_at
        return self._hint is False and not reached_since

    def _forget(self) -> None:
        """A new network: what failed on the old one says nothing about it."""
        self._failures.clear()
        self._failed_in_a_row = 0

    def _rejudge(self) -> ConnectivityChanged | None:
        before, self._standing = self._standing, self._judge()
        same = (before.state, before.manual) == (self._standing.state, self._standing.manual)
        return None if same else self._standing.event()

    def _judge(self) -> Standing:
        if self._manual:
            return Standing(NetworkState.OFFLINE, True, "You switched the network off.")
        if self._disconnected():
            return Standing(NetworkState.OFFLINE, False, "The system reports no network.")
        failing = [name for name, count in self._failures.items() if count >= FAILURES_TO_LEAVE_ONLINE]
        if self._failed_in_a_row >= FAILURES_TO_GO_OFFLINE and len(failing) == len(self._failures):
            return Standing(NetworkState.OFFLINE, False, "No destination could be reached.")
        if failing:
            names = ", ".join(sorted(failing)[:3])
            return Standing(NetworkState.DEGRADED, False, f"Not reached lately: {names}.")
        return Standing(NetworkState.ONLINE, False, "Nothing speaks against it.")
