"""Delivers what is due, by itself (`run`, in the dispatcher's thread) or once (`flush_once`, the command line).

Each destination with something due gets a round in a thread and on a connection of its own (sync/flight.py): one that
hangs, or whose password waits in a locked keyring, holds a place until its time-out and never the others. Dispatchers
of several processes share the work by leases. Events are told from the threads that made them, one at a time.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from sync import boundaries
from sync.boundaries import Boundary
from sync.connectivity import Connectivity, NetworkState
from sync.delivery import Outcome, Round, Tell
from sync.events import DispatcherFailed, Event, ItemChanged
from sync.flight import Flight
from sync.item import Item
from sync.leases import Leases
from sync.owner import new_owner
from sync.rows import Clock
from sync.transports.port import Transport

ROUNDS_AT_ONCE_MAX = 4
LOOK_AGAIN_S = 5.0  # another process may have put something in; also the longest it takes to notice
LOOK_LATER_S = 30.0  # at a destination without an account or network: opening one may mean asking the keyring
AFTER_FAULT_S = 5.0
GRACE_S = 5.0  # how long the end waits for deliveries that are under way

TransportFor = Callable[[str], Transport]


def unheard(event: Event) -> None:
    """Nobody listens."""


class Dispatcher:
    """`open_connection`: one more connection to the profile's database. `transport_for`: destination name to transport,
    raises NotConfiguredError; asked anew for each round, so new settings count at once. `on_event`: returns quickly."""

    def __init__(
        self,
        open_connection: Callable[[], sqlite3.Connection],
        transport_for: TransportFor,
        connectivity: Connectivity,
        clock: Clock,
        on_event: Tell = unheard,
        boundary: Boundary = boundaries.passed,
    ) -> None:
        self._open_connection = open_connection
        self._transport_for = transport_for
        self._connectivity = connectivity
        self._clock = clock
        self._on_event = on_event
        self._boundary = boundary
        self._owner = new_owner()
        self._telling = threading.Lock()
        self._wake = threading.Condition()
        self._look = self._try_now = False
        self._stop = threading.Event()
        self._was: NetworkState | None = None
        self._unsettled: list[tuple[Item, Outcome]] = []  # answers that the disk had no room for
        self._later: dict[
            str, float
        ] = {}  # destination to when it is looked at again, if nobody says that things changed
        self._faults_told: set[str] = set()  # since the last pass that went well: a full disk is said once

    def nudge(self, *, try_now: bool = False) -> None:
        """Something changed: look now. `try_now`: do not wait out a backoff; a pause that was asked for is kept."""
        with self._wake:
            self._try_now |= try_now
            self._look = True
            self._later.clear()
            self._wake.notify_all()

    def flush_once(self) -> list[Event]:
        """Try everything that is open to trying, once, and wait for it. The events in the order in which they came."""
        events: list[Event] = []

        def tell(event: Event) -> None:
            with self._telling:
                events.append(event)
                self._on_event(event)

        flight, tried = Flight(ROUNDS_AT_ONCE_MAX), set[str]()
        with closing(self._open_connection()) as connection:
            leases = self._leases(connection)
            self._tidy(leases, tell, wake=True, everything=True)
            while True:
                heads = [head for head in leases.due() if head.destination not in tried]
                started = {head.destination for head in heads if self._start(flight, head, tell)}
                tried |= started
                if not flight.wait_for_one() and not started:
                    return events

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set (then `nudge`). Leaves within GRACE_S, whatever hangs."""
        self._stop = stop
        flight = Flight(ROUNDS_AT_ONCE_MAX)
        while not stop.is_set():
            wait_s = self._pass(flight)
            with self._wake:
                if not self._look and not stop.is_set():
                    self._wake.wait(wait_s)
        flight.wait_for_all(GRACE_S)

    # Inner

    def _pass(self, flight: Flight) -> float:
        """Start what is due; seconds until the next look. A broken disk, or anything else, does not end the thread:
        a dispatcher that died silently would be worse than any fault."""
        with self._wake:
            everything, self._look, self._try_now = self._try_now, False, False
        came_back = self._came_back()
        if came_back:
            self._later.clear()
        try:
            with closing(self._open_connection()) as connection:
                leases = self._leases(connection)
                self._tidy(leases, self._tell, wake=everything or came_back, everything=everything)
                for head in leases.due():
                    if self._clock() >= self._later.get(head.destination, 0.0):
                        self._start(flight, head, self._tell)
                self._faults_told.clear()
                return self._wait_s(leases)
        except Exception as error:  # noqa: BLE001  told, not swallowed
            self._tell_fault(error, self._tell)
            return AFTER_FAULT_S

    def _tidy(self, leases: Leases, tell: Tell, *, wake: bool, everything: bool) -> None:
        """Before anything is sent: write down what is known, take back what a dead process held, hold back what is too
        old."""
        while self._unsettled:
            item, outcome = self._unsettled.pop(0)
            try:
                tell(ItemChanged(leases.settle(item, self._owner, outcome)))
            except sqlite3.Error:
                self._unsettled.insert(0, (item, outcome))
                raise
        for item in (*leases.recover(), *leases.expire()):
            tell(ItemChanged(item))
        if wake:
            leases.wake(everything=everything)

    def _start(self, flight: Flight, head: Item, tell: Tell) -> bool:
        if not self._connectivity.allows(loopback=True):
            return False
        return flight.start(head.destination, lambda: self._round(head, tell))

    def _round(self, head: Item, tell: Tell) -> None:
        """In a thread of its own."""
        try:
            attempts = self._deliver(head, tell)
        except Exception as error:  # noqa: BLE001  told, not swallowed
            self._tell_fault(error, tell)
            return
        with self._wake:
            self._look |= attempts > 0
            self._wake.notify_all()

    def _deliver(self, head: Item, tell: Tell) -> int:
        """How many attempts were made."""
        try:
            transport = self._transport_for(head.destination)
        except Exception as error:  # noqa: BLE001  no account, a locked keyring: the item says what it waits for
            self._later[head.destination] = self._clock() + LOOK_LATER_S
            self._explain(head, str(error) or type(error).__name__, tell)
            return 0
        if not self._connectivity.allows(loopback=transport.loopback):
            self._later[head.destination] = self._clock() + LOOK_LATER_S
            return 0
        with closing(self._open_connection()) as connection:
            round_ = Round(
                self._leases(connection), self._owner, self._connectivity, self._clock, tell, self._stop.is_set,
                self._unsettled, self._boundary,
            )  # fmt: skip
            return round_.run(head.destination, transport)

    def _explain(self, head: Item, why: str, tell: Tell) -> None:
        with closing(self._open_connection()) as connection:
            explained = self._leases(connection).explain(head, why)
        if explained:
            tell(ItemChanged(explained))

    def _leases(self, connection: sqlite3.Connection) -> Leases:
        return Leases(connection, self._clock, self._boundary)

    def _came_back(self) -> bool:
        """Whether the network became better since the last pass."""
        now, before = self._connectivity.state, self._was
        self._was = now
        return before in (NetworkState.OFFLINE, NetworkState.DEGRADED) and now not in (before, NetworkState.OFFLINE)

    def _wait_s(self, leases: Leases) -> float:
        due_ms = leases.next_due_ms()
        in_s = due_ms / 1_000 - self._clock() if due_ms is not None else LOOK_AGAIN_S
        return min(in_s, LOOK_AGAIN_S) if in_s > 0 else LOOK_AGAIN_S

    def _tell(self, event: Event) -> None:
        with self._telling:
            self._on_event(event)

    def _tell_fault(self, error: Exception, tell: Tell) -> None:
        what = f"The outbox could not be worked on: {error} ({type(error).__name__})."
        todo = "It is tried again by itself. If this stays, check the disk's free space and run carryon doctor."
        if what not in self._faults_told:
            self._faults_told.add(what)
            tell(DispatcherFailed(what, "outbox", todo))
