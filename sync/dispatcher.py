"""Delivers what is due, by itself (`run`, in the dispatcher's thread) or once (`flush_once`, the command line).

Each destination with something due gets a round of its own in a small pool, on its own connection: a destination that
hangs holds one of the places until its time-out, never the others. Two dispatchers on one profile share the work by
leases. Events are told from the threads that made them, one at a time.
"""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

from sync import boundaries
from sync.boundaries import Boundary
from sync.connectivity import Connectivity, NetworkState
from sync.delivery import Round, Tell
from sync.events import DispatcherFailed, Event, ItemChanged
from sync.item import Item
from sync.leases import Leases
from sync.owner import new_owner
from sync.rows import Clock
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Transport

ROUNDS_AT_ONCE_MAX = 4
LOOK_AGAIN_S = 5.0  # another process may have put something in; also the longest it takes to notice
AFTER_FAULT_S = 5.0

TransportFor = Callable[[str], Transport]


def unheard(event: Event) -> None:
    """Nobody listens."""


class Dispatcher:
    """`open_connection`: one more connection to the profile's database. `transport_for`: destination name to transport,
    raises NotConfiguredError; called at every pass, so new settings count at once. `on_event`: must return quickly."""

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
        self._nudged: bool | None = None  # True: also what the destination put off
        self._stop: threading.Event | None = None
        self._was: NetworkState | None = None

    def nudge(self, *, try_now: bool = False) -> None:
        """Something changed: look now. `try_now`: do not wait out a backoff; a pause that was asked for is kept."""
        with self._wake:
            self._nudged = try_now or bool(self._nudged)
            self._wake.notify_all()

    def flush_once(self) -> list[Event]:
        """Try everything that is open to trying, once, and wait for it. The events in the order in which they came."""
        events: list[Event] = []
        flight: dict[str, Future[None]] = {}
        with closing(self._open_connection()) as connection, ThreadPoolExecutor(ROUNDS_AT_ONCE_MAX) as pool:
            self._pass(connection, pool, flight, try_now=True, also=events.append)
            for future in list(flight.values()):
                future.result()
        return events

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set (then `nudge`). Waits for deliveries that are under way, at most their time-out."""
        self._stop = stop
        flight: dict[str, Future[None]] = {}
        with closing(self._open_connection()) as connection, ThreadPoolExecutor(ROUNDS_AT_ONCE_MAX, "delivery") as pool:
            while not stop.is_set():
                wait_s = self._safely(connection, pool, flight)
                with self._wake:
                    if self._nudged is None and not stop.is_set():
                        self._wake.wait(wait_s)

    # Inner

    def _safely(
        self, connection: sqlite3.Connection, pool: ThreadPoolExecutor, flight: dict[str, Future[None]]
    ) -> float:
        """One pass that survives a broken disk; seconds until the next."""
        with self._wake:
            try_now, self._nudged = bool(self._nudged), None
        try:
            self._pass(connection, pool, flight, try_now=try_now)
            return self._wait_s(connection)
        except sqlite3.Error as error:
            with self._telling:
                self._on_event(_fault(error))
            return AFTER_FAULT_S

    def _pass(
        self, connection: sqlite3.Connection, pool: ThreadPoolExecutor, flight: dict[str, Future[None]],
        *, try_now: bool, also: Tell = unheard,
    ) -> None:  # fmt: skip
        def tell(event: Event) -> None:
            with self._telling:
                also(event)
                self._on_event(event)

        leases = Leases(connection, self._clock, self._boundary)
        for item in (*leases.recover(), *leases.expire()):
            tell(ItemChanged(item))
        if try_now or self._came_back():
            leases.wake(everything=try_now)
        for name in [name for name, future in flight.items() if future.done()]:
            del flight[name]
        for head in leases.due():
            if head.destination in flight:
                continue
            transport = self._transport(head, leases, tell)
            if transport is not None and self._connectivity.allows(loopback=transport.loopback):
                flight[head.destination] = pool.submit(self._round, head.destination, transport, tell)

    def _transport(self, head: Item, leases: Leases, tell: Tell) -> Transport | None:
        try:
            return self._transport_for(head.destination)
        except NotConfiguredError as error:
            explained = leases.explain(head, str(error))
            if explained:
                tell(ItemChanged(explained))
            return None

    def _round(self, destination: str, transport: Transport, tell: Tell) -> None:
        try:
            with closing(self._open_connection()) as connection:
                leases = Leases(connection, self._clock, self._boundary)
                stopped = self._stop.is_set if self._stop else lambda: False
                Round(
                    leases, self._owner, self._connectivity, self._clock, tell, stopped, self._boundary
                ).run(destination, transport)  # fmt: skip
        except sqlite3.Error as error:
            tell(_fault(error))
        else:
            self.nudge()

    def _came_back(self) -> bool:
        """Whether the network became better since the last pass."""
        now, before = self._connectivity.state, self._was
        self._was = now
        return before in (NetworkState.OFFLINE, NetworkState.DEGRADED) and now not in (before, NetworkState.OFFLINE)

    def _wait_s(self, connection: sqlite3.Connection) -> float:
        due_ms = Leases(connection, self._clock).next_due_ms()
        if due_ms is None:
            return LOOK_AGAIN_S
        in_s = due_ms / 1_000 - self._clock()
        return LOOK_AGAIN_S if in_s <= 0 else min(in_s, LOOK_AGAIN_S)


def _fault(error: sqlite3.Error) -> DispatcherFailed:
    todo = "It is tried again by itself. If this stays, check the disk's free space and run carryon doctor."
    return DispatcherFailed(f"The outbox could not be read or written: {error}.", "outbox", todo)
