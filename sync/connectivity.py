"""Whether it makes sense to try the network: the user's switch rules, real attempts are the truth, the system's word is
a hint.

    offline    the switch is off; or the hint says so and nothing was reached since; or nobody at all was reached lately
    degraded   some destinations answer, some do not; or the first failures after good times
    online     what was tried last was reached; or nothing speaks against it

Degraded is also what stalls at this moment, and a network that wants a sign-in (`Standing.sign_in`): each with a
sentence, and each over with the first answer that comes.

Hysteresis: one failure does not take "online" away whole, and one success does not bring "online" back while others
still fail. Loopback destinations need no network: they are always tried and say nothing about it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sync.events import ConnectivityChanged
from sync.observing import Observation, Observations
from sync.transports.names import NAMES
from sync.transports.ways import WAYS

FAILURES_TO_LEAVE_ONLINE = 2  # in a row, at one destination
FAILURES_TO_GO_OFFLINE = 3  # in a row, over all destinations
DESTINATIONS_REMEMBERED_MAX = 64
ANSWERS_COUNT_S = 60.0  # whoever answered so lately speaks against a network that wants a sign-in
RUNG_MAX = 2  # of the patience before an offer (sync/transports/port.py)
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
    sign_in: bool = False  # the network wants it
    sign_in_url: str = ""  # its page, where it is known; only to be shown
    stalls: bool = False  # `why` is about this moment

    def event(self) -> ConnectivityChanged:
        return ConnectivityChanged(self.state.value, self.manual, self.why, self.sign_in, self.sign_in_url)


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
        self._stalls: dict[str, str] = {}  # destination to what it waits for at this moment
        self._portal: tuple[str, str] | None = None  # words, address
        self._rungs: dict[str, int] = {}
        self._seen = Observations()
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

    def moved(self) -> ConnectivityChanged | None:
        """Another network than before, by the system's word."""
        with self._lock:
            self._forget()
            return self._rejudge()

    def report(self, destination: str, *, reached: bool, loopback: bool) -> ConnectivityChanged | None:
        """The outcome of a real attempt. Reached means that somebody there answered, be it with a no."""
        if loopback:
            return None
        with self._lock:
            self._stalls.pop(destination, None)
            if reached:
                self._failures[destination] = 0
                self._failed_in_a_row = 0
                self._reached_at = self._clock()
                self._portal = None
            else:
                if self._portal is None:  # else it is not the destination's fault
                    self._failures[destination] = self._failures.get(destination, 0) + 1
                    self._failed_in_a_row += 1
                self._probe_wait = min(self._probe_wait * 2, PROBE_CAP_S)
                self._probe_at = self._clock() + self._probe_wait
            while len(self._failures) > DESTINATIONS_REMEMBERED_MAX:
                del self._failures[next(iter(self._failures))]
            return self._rejudge()

    def stalled(self, destination: str, words: str, *, loopback: bool) -> ConnectivityChanged | None:
        """What does not come at this moment, in a sentence; "": it goes on, or it is over."""
        if loopback:
            return None
        with self._lock:
            self._stalls.pop(destination, None)
            if words and len(self._stalls) < DESTINATIONS_REMEMBERED_MAX:
                self._stalls[destination] = words
            return self._rejudge()

    def wants_sign_in(self, words: str, url: str = "", *, sure: bool = True) -> ConnectivityChanged | None:
        """Somebody stands between here and a destination. `sure` False: it may also be the destination's own fault,
        and is taken for that where another one answered just now."""
        with self._lock:
            answered = self._reached_at is not None and 0 <= self._clock() - self._reached_at < ANSWERS_COUNT_S
            if sure or not answered:
                self._portal = words, url
                WAYS.forget()  # each place of plain HTTP is asked anew who it is
            return self._rejudge()

    def rung(self, destination: str, attempts: int = 1) -> int:
        """How many tries did not come as far as an offer: the next one is given more time."""
        with self._lock:
            return max(self._rungs.get(destination, 0), min(max(attempts - 1, 0), RUNG_MAX))

    def climb(self, destination: str, rung: int) -> None:
        """Where the next try there begins."""
        with self._lock:
            self._rungs.pop(destination, None)
            if rung > 0:
                self._rungs[destination] = min(rung, RUNG_MAX)
            while len(self._rungs) > DESTINATIONS_REMEMBERED_MAX:
                del self._rungs[next(iter(self._rungs))]

    def observe(self, observation: Observation) -> None:
        self._seen.add(observation)

    def observations(self) -> tuple[Observation, ...]:
        """What this process saw, the newest first; of others see sync/observing.py."""
        return self._seen.latest()

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
        self._rungs.clear()
        self._failed_in_a_row = 0
        self._portal = None
        NAMES.forget()
        WAYS.forget()

    def _rejudge(self) -> ConnectivityChanged | None:
        before, self._standing = self._standing, self._judge()
        return None if _same(before, self._standing) else self._standing.event()

    def _judge(self) -> Standing:
        if self._manual:
            return Standing(NetworkState.OFFLINE, True, "You switched the network off.")
        if self._portal:
            words, url = self._portal
            return Standing(NetworkState.DEGRADED, False, words, sign_in=True, sign_in_url=url)
        if self._disconnected():
            return Standing(NetworkState.OFFLINE, False, "The system reports no network.")
        return self._judge_failures()

    def _judge_failures(self) -> Standing:
        failing = [name for name, count in self._failures.items() if count >= FAILURES_TO_LEAVE_ONLINE]
        if self._failed_in_a_row >= FAILURES_TO_GO_OFFLINE and len(failing) == len(self._failures):
            return Standing(NetworkState.OFFLINE, False, "No destination could be reached.")
        if self._stalls:
            return Standing(NetworkState.DEGRADED, False, next(reversed(self._stalls.values())), stalls=True)
        if failing:
            names = ", ".join(sorted(failing)[:3])
            return Standing(NetworkState.DEGRADED, False, f"Not reached lately: {names}.")
        return Standing(NetworkState.ONLINE, False, "Nothing speaks against it.")


def _same(one: Standing, other: Standing) -> bool:
    """Whether nobody needs to hear of it. Why it is unsteady may change unheard; what stalls now may not."""
    if one.stalls or other.stalls or one.sign_in or other.sign_in:
        return one == other
    return (one.state, one.manual) == (other.state, other.manual)
