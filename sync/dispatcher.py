"""Delivers what is due, by itself (`run`, in the dispatcher's thread) or once (`flush_once`, the command line).

Each destination with something due gets a round in a thread and on a connection of its own (sync/flight.py): one that
hangs, or whose password waits in a locked keyring, holds a place until its time-out and never the others. Dispatchers
of several processes share the work by leases. Events are told from the threads that made them, one at a time.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from sync import boundaries
from sync.boundaries import Boundary
from sync.clocks import UnderWay, Watch, elapsed_s
from sync.connectivity import Connectivity, NetworkState
from sync.delivery import Outcome, Round, Tell
from sync.errors import ItemNotFoundError
from sync.events import DispatcherFailed, Event, ItemChanged
from sync.flight import Flight
from sync.item import Item
from sync.leases import EXPIRED_AT_ONCE_MAX, LEASE_MS, Leases
from sync.life import Life
from sync.mending import AT_ONCE_MAX, Mending
from sync.owner import new_owner
from sync.rows import Clock
from sync.soon import Soon
from sync.thrift import Thrift
from sync.transports.port import Transport

ROUNDS_AT_ONCE_MAX = 4
LOOK_AGAIN_S = 5.0  # another process may have put something in; also the longest it takes to notice
LOOK_LATER_S = 30.0  # at a destination without an account or network: opening one may mean asking the keyring
AFTER_FAULT_S = 5.0
WAKE_SPREAD_MS = 2_000  # so that a house full of laptops does not knock in the moment in which its network is back
ROOM_S = 0.25  # how long one pass waits for a place, before it looks at everything else again
PLACES_A_PASS_MAX = 10_000
SERVED_REMEMBERED_MAX = 1_000
TIDIED_AT_ONCE_MAX = 20  # batches of what became too old, before something is sent again
GRACE_S = 5.0  # how long the end waits for deliveries that are under way

TransportFor = Callable[[str], Transport]


def unheard(event: Event) -> None:
    """Nobody listens."""


class Dispatcher:
    """`open_connection`: one more connection to the profile's database. `transport_for`: destination name to transport,
    raises NotConfiguredError; asked anew for each round, so new settings count at once. `on_event`: returns quickly.
    `life`: a file outside the database by which an older copy that is put back is noticed (sync/life.py). `thrift`:
    what waits for a better network or battery."""

    def __init__(
        self,
        open_connection: Callable[[], sqlite3.Connection],
        transport_for: TransportFor,
        connectivity: Connectivity,
        clock: Clock,
        on_event: Tell = unheard,
        boundary: Boundary = boundaries.passed,
        life: Life | None = None,
        elapsed: Callable[[], float] = elapsed_s,
        thrift: Thrift | None = None,
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
        self._soon = Soon(elapsed)
        self._stop = threading.Event()
        self._was: NetworkState | None = None
        self._unsettled: list[tuple[Item, Outcome]] = []  # answers that the disk had no room for
        self._later: dict[str, float] = {}  # when a destination is looked at again, if nobody says that things changed
        self._far: set[str] = set()  # destinations that need a network, as their transports said
        self._served: dict[str, int] = {}  # the destinations that had a round lately, the last one last
        self._crowded = False  # something due found no place
        self._under_way = UnderWay(elapsed)
        self.thrift = thrift or Thrift(clock)
        self._life = life
        self._watch = Watch(clock, elapsed)
        self._faults_told: set[str] = set()  # since the last pass that went well: a full disk is said once
        self._marks_told: set[str] = set()
        self._looked_back = False

    def nudge(self, *, try_now: bool = False, settings: bool = False) -> None:
        """Something changed: look now. `try_now`: do not wait out a backoff; a pause that was asked for is kept.
        `settings`: they changed, and with them perhaps what a destination leads to."""
        if try_now:
            self.thrift.waive_all()
        with self._wake:
            self._try_now |= try_now
            self._look = True
            self._later.clear()
            if try_now or settings:
                self._far.clear()
            self._wake.notify_all()

    def sign_in_opened(self) -> None:
        """The user has opened the network's sign-in page: what waits is tried again soon."""
        with self._wake:
            self._soon.begin()
            self._look = True
            self._wake.notify_all()

    def flush_once(self, heard: Tell = unheard) -> list[Event]:
        """Try everything that is open to trying, once, and wait for it. The events in the order in which they came;
        `heard`: is told them while it goes on."""
        events: list[Event] = []
        self._faults_told.clear()

        def tell(event: Event) -> None:
            with self._telling:
                events.append(event)
                self._on_event(event)
                heard(event)

        self._stop = stop = threading.Event()
        try:
            self._try_each(tell)
        finally:
            stop.set()  # left by Ctrl-C: what is under way there is the last
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

    def _try_each(self, tell: Tell) -> None:
        flight, tried = Flight(ROUNDS_AT_ONCE_MAX), set[tuple[str, int]]()
        with closing(self._open_connection()) as connection:
            leases = self._leases(connection)
            self._mend(connection)
            self._tidy(leases, tell, wake=True, everything=True)
            while self._connectivity.allows(loopback=True):
                # A head that was tried is tried; the next one at the same place, or one that it let go, is not.
                places = [place for place in self._due(leases) if place not in tried]
                for destination, seq in places:
                    while not flight.wait_for_room(ROOM_S):
                        pass
                    self._start(flight, destination, seq, tell)
                while flight.wait_for_one():
                    pass
                if not places:
                    break
                tried.update(places)

    def _pass(self, flight: Flight) -> float:
        """Start what is due; seconds until the next look. A broken disk, or anything else, does not end the thread:
        a dispatcher that died silently would be worse than any fault."""
        with self._wake:
            everything, self._look, self._try_now = self._try_now, False, False
            if not self._connectivity.standing.sign_in:
                self._soon.end()
            soon = self._soon.take()
        came_back = self._came_back()
        if came_back or soon:
            self._later.clear()
            self._far.clear()
        try:
            with closing(self._open_connection()) as connection:
                leases = self._leases(connection)
                self._mend(connection)
                self._tidy(leases, self._tell, wake=everything or came_back or soon, everything=everything, soon=soon)
                self._send(leases, flight)
                self._tell_of_the_mark()
                self._faults_told.clear()
                return self._wait_s(leases)
        except Exception as error:  # noqa: BLE001  told, not swallowed
            self._tell_fault(error, self._tell)
            return AFTER_FAULT_S

    def _send(self, leases: Leases, flight: Flight) -> None:
        """Start rounds as long as there are places for them."""
        self._crowded = False
        if not self._connectivity.allows(loopback=True):
            return
        for destination, seq in self._due(leases):
            if self._is_put_off(destination) or flight.has(destination):
                continue
            if self._stop.is_set() or not flight.wait_for_room(ROOM_S):
                self._crowded = True
                return
            self._start(flight, destination, seq, self._tell)

    def _due(self, leases: Leases) -> list[tuple[str, int]]:
        """Those that had no round for the longest time first, so that a long queue at one does not starve another."""
        return sorted(leases.due_places(PLACES_A_PASS_MAX), key=lambda place: (self._served.get(place[0], 0), place[1]))

    def _is_put_off(self, destination: str) -> bool:
        left_s = self._later.get(destination, 0.0) - self._clock()
        if 0 < left_s <= LOOK_LATER_S:  # more than that was meant for another time of the clock
            return True
        return destination in self._far and not self._connectivity.allows(loopback=False)

    def _tidy(self, leases: Leases, tell: Tell, *, wake: bool, everything: bool, soon: bool = False) -> None:
        """Before anything is sent: write down what is known, take back what a dead process held, hold back what is too
        old. `soon`: the user may be signing in at this moment, so nothing is spread."""
        while self._unsettled:
            item, outcome = self._unsettled.pop(0)
            try:
                tell(ItemChanged(leases.settle(item, self._owner, outcome)))
            except sqlite3.Error:
                self._unsettled.insert(0, (item, outcome))
                raise
        for item in leases.recover(self._is_under_way):
            tell(ItemChanged(item))
        for _ in range(TIDIED_AT_ONCE_MAX):
            expired = leases.expire()
            for item in (*expired, *leases.touched()):
                tell(ItemChanged(item))
            if len(expired) < EXPIRED_AT_ONCE_MAX:
                break
        if wake:
            leases.wake(everything=everything, spread_ms=0 if everything or soon else WAKE_SPREAD_MS)

    def _mend(self, connection: sqlite3.Connection) -> None:
        """Before that: after an older copy was put back, or the clock was set back, while this ran or since something
        was last written down."""
        mending = Mending(connection, self._clock, self._life)
        mending.beware()
        if back_ms := self._watch.set_back_ms():
            mending.set_back(back_ms)
        if not self._looked_back:
            mending.look_back()
            self._looked_back = True
        for _ in range(TIDIED_AT_ONCE_MAX):
            if mending.rejuvenate() < AT_ONCE_MAX:
                break

    def _is_under_way(self, item: Item) -> bool:
        return item.lease_owner == self._owner and self._under_way.holds(item.id, LEASE_MS / 1_000)

    def _start(self, flight: Flight, destination: str, seq: int, tell: Tell) -> bool:
        def stalls(item: Item, words: str) -> None:
            flight.stands(destination, still=bool(words))
            self._stalls(item, words, tell)

        return flight.start(destination, lambda: self._round(destination, seq, tell, stalls))

    def _round(self, destination: str, seq: int, tell: Tell, stalls: Callable[[Item, str], None]) -> None:
        """In a thread of its own."""
        attempts = 0
        try:
            attempts = self._deliver(destination, seq, tell, stalls)
        except Exception as error:  # noqa: BLE001  told, not swallowed
            self._tell_fault(error, tell)
        with self._wake:
            self._served.pop(destination, None)
            self._served[destination] = max(self._served.values(), default=0) + 1
            if len(self._served) > SERVED_REMEMBERED_MAX:
                del self._served[next(iter(self._served))]
            self._look |= attempts > 0 or self._crowded
            self._wake.notify_all()

    def _stalls(self, item: Item, words: str, tell: Tell) -> None:
        """In a watch's thread: a delivery goes on and brings nothing, or brings something again. It is told also where
        the disk is full."""
        try:
            with closing(self._open_connection()) as connection:
                said = self._leases(connection).stalls(item, self._owner, words)
        except ItemNotFoundError:  # everything was erased meanwhile
            return
        except sqlite3.Error:
            said = replace(item, last_error=words or None)
        if said:
            tell(ItemChanged(said))

    def _deliver(self, destination: str, seq: int, tell: Tell, stalls: Callable[[Item, str], None]) -> int:
        """How many attempts were made."""
        try:
            transport = self._transport_for(destination)
        except Exception as error:  # noqa: BLE001  no account, a locked keyring: the item says what it waits for
            self._later[destination] = self._clock() + LOOK_LATER_S
            self._explain(seq, str(error) or type(error).__name__, tell)
            return 0
        if not transport.loopback:
            self._far.add(destination)
        if not self._connectivity.allows(loopback=transport.loopback):
            self._later[destination] = self._clock() + LOOK_LATER_S
            return 0
        with closing(self._open_connection()) as connection:
            round_ = Round(
                self._leases(connection), self._owner, self._connectivity, self._clock, tell, self._stop.is_set,
                self._unsettled, self._boundary, self._under_way, self.thrift, stalls,
            )  # fmt: skip
            attempts = round_.run(destination, transport)
        if round_.held:
            self._later[destination] = self._clock() + LOOK_LATER_S
        return attempts

    def _explain(self, seq: int, why: str, tell: Tell) -> None:
        with closing(self._open_connection()) as connection:
            leases = self._leases(connection)
            head = leases.at(seq)
            explained = leases.explain(head, why) if head else None
        if explained:
            tell(ItemChanged(explained))

    def _leases(self, connection: sqlite3.Connection) -> Leases:
        return Leases(connection, self._clock, self._boundary, life=self._life)

    def _came_back(self) -> bool:
        """Whether the network became better since the last pass."""
        standing, before = self._connectivity.standing, self._was
        if standing.stalls:  # of this moment; that it is over says nothing about the network
            return False
        now = self._was = standing.state
        return before in (NetworkState.OFFLINE, NetworkState.DEGRADED) and now not in (before, NetworkState.OFFLINE)

    def _wait_s(self, leases: Leases) -> float:
        due_ms = leases.next_due_ms()
        in_s = due_ms / 1_000 - self._clock() if due_ms is not None else LOOK_AGAIN_S
        wait_s = min(in_s, LOOK_AGAIN_S) if in_s > 0 else LOOK_AGAIN_S
        with self._wake:
            soon_s = self._soon.left_s()
        return wait_s if soon_s is None else min(wait_s, soon_s)

    def _tell(self, event: Event) -> None:
        with self._telling:
            self._on_event(event)

    def _tell_of_the_mark(self) -> None:
        if self._life and self._life.fault and self._life.fault not in self._marks_told:
            self._marks_told.add(self._life.fault)
            self._tell(DispatcherFailed(self._life.fault, "outbox", "Check the disk; everything is sent all the same."))

    def _tell_fault(self, error: Exception, tell: Tell) -> None:
        what = f"The outbox could not be worked on: {error} ({type(error).__name__})."
        todo = "It is tried again by itself. If this stays, check the disk's free space and run carryon doctor."
        if what not in self._faults_told:
            self._faults_told.add(what)
            tell(DispatcherFailed(what, "outbox", todo))
