"""One destination, one item after the other: lease, deliver, settle, until nothing there is due.

Runs in a thread of the dispatcher's pool, on a connection of its own. Whatever a transport does, the item ends settled;
what takes long is told while it goes on.
"""

import sqlite3
from collections.abc import Callable
from functools import partial

from sync import boundaries, retry
from sync.boundaries import Boundary
from sync.clocks import UnderWay
from sync.connectivity import Connectivity
from sync.errors import LeaseLostError
from sync.events import Event, ItemChanged
from sync.item import Item
from sync.leases import Leases
from sync.rows import Clock
from sync.showing import Showing
from sync.states import State
from sync.thrift import Thrift
from sync.transports.attempt import Attempt, trying
from sync.transports.outcomes import (
    DeliveryError,
    RejectedError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Receipt, Transport, mode_of

ITEMS_A_ROUND_MAX = 200  # then another destination gets the place

Outcome = Receipt | DeliveryError
Tell = Callable[[Event], None]


class Round:
    """One pass over one destination. `owner`: whose leases these are; `unsettled`: gets what could not be written;
    `under_way`: is told what is being sent; `stalls`: of an item, what does not come at this moment, from another
    thread. `held` says afterwards whether the next one waits for a better network or battery."""

    def __init__(
        self, leases: Leases, owner: str, connectivity: Connectivity, clock: Clock, tell: Tell,
        stopped: Callable[[], bool], unsettled: list[tuple[Item, Outcome]], boundary: Boundary = boundaries.passed,
        under_way: UnderWay | None = None, thrift: Thrift | None = None,
        stalls: Callable[[Item, str], None] = lambda _item, _words: None,
    ) -> None:  # fmt: skip
        self._leases = leases
        self._owner = owner
        self._connectivity = connectivity
        self._clock = clock
        self._tell = tell
        self._stopped = stopped
        self._unsettled = unsettled
        self._boundary = boundary
        self._under_way = under_way or UnderWay()
        self._thrift = thrift or Thrift(clock)
        self._showing = Showing(connectivity, clock, tell, stalls)
        self.held = False

    def run(self, destination: str, transport: Transport) -> int:
        """An item that is put off ends the round, since those behind it must wait.
        How many attempts were made."""
        for attempts in range(ITEMS_A_ROUND_MAX):
            if self._stopped() or not self._connectivity.allows(loopback=transport.loopback):
                return attempts
            head = self._leases.head(destination)
            if head is None or self._is_held(head, transport):
                return attempts
            item = self._leases.lease(self._owner, destination, partial(mode_of, transport), only=head)
            if item is None:
                return attempts
            self._tell(ItemChanged(item))
            self._under_way.begin(item.id)
            try:
                settled = self._one(item, transport)
            finally:
                self._under_way.end(item.id)
                self._showing.over(item, transport)
            if settled is None or settled.state in (State.QUEUED, State.FAILED):
                return attempts + 1
        return ITEMS_A_ROUND_MAX

    def _one(self, item: Item, transport: Transport) -> Item | None:
        """As it stands after the try; None when another process has it now."""
        if item.uncertain_since is not None and item.mode == "none":
            return self._told(self._leases.give_up_asking(item, recognised=False))
        if item.mode == "key" and retry.forgotten(item, transport.key_kept_s, int(self._clock() * 1_000)):
            return self._told(self._leases.give_up_asking(item))
        attempt = self._showing.begun(item, transport)
        with trying(attempt):
            outcome = self._attempt(item, transport, attempt)
        if isinstance(outcome, LeaseLostError):
            return None
        self._boundary("deliver: answered")
        seen = self._showing.of(item, transport, attempt, outcome)
        try:
            settled = self._leases.settle(item, self._owner, outcome, seen)
        except sqlite3.Error:
            self._unsettled.append((item, outcome))  # the disk is full: what we know must not be lost with it
            raise
        return self._told(settled)

    def _is_held(self, head: Item, transport: Transport) -> bool:
        why = self._thrift.holds(head, loopback=transport.loopback)
        if why:
            self.held = True
            explained = self._leases.explain(head, why)
            if explained:
                self._told(explained)
        return self.held

    def _told(self, item: Item) -> Item:
        self._tell(ItemChanged(item))
        for other in self._leases.touched():
            self._tell(ItemChanged(other))
        return item

    def _attempt(self, item: Item, transport: Transport, attempt: Attempt) -> Outcome | LeaseLostError:
        def offer() -> None:
            self._leases.offer(item, self._owner)
            attempt.offered = True

        try:
            if item.uncertain_since is not None and item.mode == "query":
                found = transport.find(item)
                if found is not None:
                    return found
            return transport.deliver(item, offer)
        except sqlite3.Error:
            raise  # no defect of the transport; the lease runs out and the item is taken up again
        except LeaseLostError as error:
            return error
        except UnreachableError as error:
            # After the offer "surely not sent" can no longer be known.
            return UncertainError(error.what, error.where, error.todo) if attempt.offered else error
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001  a defect in one transport must neither lose its item nor stop others
            fault = f"Carryon's own fault while sending: {type(error).__name__}: {error}"
            where, todo = item.destination, "Please report this; the item is kept."
            return UncertainError(fault, where, todo) if attempt.offered else RejectedError(fault, where, todo)
