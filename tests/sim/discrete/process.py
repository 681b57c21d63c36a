"""One copy of Carryon in the simulated world: a dispatcher, an outbox, and the ways in which it may die."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher, TransportFor
from sync.events import Event
from sync.item import Item
from sync.life import Life
from sync.outbox import Outbox
from sync.thrift import Rules, Thrift
from tests.sim.discrete.disk import Died, Disk

Result = TypeVar("Result")


class Inline:
    """In place of sync.flight.Flight: rounds run at once, one after the other, so that a seed says all."""

    def __init__(self, most: int) -> None:
        self._names: set[str] = set()

    def start(self, name: str, work: Callable[[], None]) -> bool:
        if name in self._names:
            return False
        self._names.add(name)
        try:
            work()
        finally:
            self._names.discard(name)
        return True

    def has(self, name: str) -> bool:
        return name in self._names

    def wait_for_room(self, timeout_s: float | None = None) -> bool:
        return True

    def wait_for_one(self) -> bool:
        return False

    def wait_for_all(self, timeout_s: float) -> bool:
        return True


RULES = Rules(metered="small", low_battery="none")
LARGE_BYTES = 600_000


def is_large(item: Item) -> bool:
    return int(str(item.payload["call"]).split()[1]) % 2 == 1


class _OnePass(threading.Event):
    """Ends `Dispatcher.run` after one look: set when the connection of the pass itself is closed."""


class Process:
    """`clock`: what this machine believes; `elapsed`: a clock that nobody sets. `tell`: hears the dispatcher's events,
    with this process."""

    def __init__(
        self, number: int, disk: Disk, clock: Callable[[], float], elapsed: Callable[[], float],
        transport_for: Callable[["Process"], TransportFor], tell: Callable[["Process", Event], None],
    ) -> None:  # fmt: skip
        self.number = number
        self.alive = True
        self.busy = 0  # how deep in deliveries
        self.statements_left: int | None = None
        self.dies_at = ""
        self.connectivity = Connectivity(clock)
        self._disk, self._clock = disk, clock
        self._stop = _OnePass()
        self.metered = self.low_battery = False
        self._waived_ms = 0  # what was there by then is sent all the same
        self._open = 0
        self.dispatcher = Dispatcher(
            self.connect, transport_for(self), self.connectivity, clock, lambda event: tell(self, event), self.passes,
            Life(disk.path.with_name("life")), elapsed,
            Thrift(clock, lambda: RULES, lambda item: LARGE_BYTES if is_large(item) else 0),
        )  # fmt: skip

    @property
    def owner(self) -> str:
        return str(self.dispatcher._owner)

    def connect(self) -> sqlite3.Connection:
        self._must_live()
        self._open += 1
        return self._disk.connect(self._before, self._closed)

    def passes(self, boundary: str) -> None:
        if boundary == self.dies_at:
            self._die()

    def die_here(self) -> None:
        self._die()

    def flush(self) -> None:
        self._stop.clear()
        self.dispatcher.flush_once()

    def look(self) -> None:
        """One pass of the dispatcher's thread."""
        self._stop.clear()
        self.dispatcher.run(self._stop)

    def nudge(self, *, try_now: bool) -> None:
        if try_now:
            self._waived_ms = int(self._clock() * 1_000)
        self.dispatcher.nudge(try_now=try_now)

    def hint(self, *, metered: bool, low_battery: bool) -> None:
        self.metered, self.low_battery = metered, low_battery
        if not (metered or low_battery):
            self._waived_ms = 0
        self.dispatcher.thrift.hint(metered=metered, low_battery=low_battery)

    def spares(self, item: Item) -> bool:
        """Whether the user wants this to wait for a better network or battery."""
        return (self.low_battery or (self.metered and is_large(item))) and item.created_at > self._waived_ms

    def decide(self, move: Callable[[Outbox], Result]) -> Result:
        with closing(self.connect()) as connection:
            return move(Outbox(connection, self._clock, self.passes))

    def _before(self, sql: str) -> None:
        self._must_live()
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                self._die()

    def _closed(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._stop.set()

    def _must_live(self) -> None:
        if not self.alive:
            raise Died

    def _die(self) -> None:
        self.alive = False
        raise Died
