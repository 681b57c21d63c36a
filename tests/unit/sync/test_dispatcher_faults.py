"""The dispatcher when things break under it: a full disk, a lost lease, two of them on one profile."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import DispatcherFailed, Event, ItemChanged
from sync.item import Item, State
from sync.leases import LEASE_MS, Leases
from sync.loopback import Loopback, Script
from sync.outbox import Outbox
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Offer, Receipt, Transport
from tests.sim.profiles import HandClock, intent, open_connection

Make = Callable[..., Dispatcher]
WAIT_S = 20


class Remote(Loopback):
    """The twin, as if it were far away."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults=Script.of(*faults), loopback=False)  # type: ignore[arg-type]


def states(events: list[Event], item: Item) -> list[str]:
    return [event.item.state.value for event in events if isinstance(event, ItemChanged) and event.item.id == item.id]


def test_two_dispatchers_share_one_profile(outbox: Outbox, dispatcher: Make, database: Path) -> None:
    items = [outbox.enqueue(intent(str(n), f"webhook:{n % 2}"), approval=False) for n in range(10)]
    twins: dict[str, Transport] = {f"webhook:{n}": Loopback(mode="none") for n in range(2)}
    threads = [threading.Thread(target=dispatcher(twins).flush_once) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    dispatcher(twins).flush_once()
    with open_connection(database) as connection:
        assert connection.execute("SELECT max(attempts) FROM outbox_item").fetchone()[0] == 1
    connection.close()
    arrived = [key for n in range(2) for key, _ in twins[f"webhook:{n}"].effects]  # type: ignore[attr-defined]
    assert sorted(arrived) == sorted(item.id for item in items)


def test_who_lost_the_lease_while_connecting_sends_nothing(
    outbox: Outbox, dispatcher: Make, database: Path, clock: HandClock
) -> None:
    class Slow(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            clock.turn(LEASE_MS / 1_000 + 1)
            with closing(open_connection(database)) as other:
                Leases(other, clock).recover()
            return super().deliver(item, offer)

    item = outbox.enqueue(intent(), approval=False)
    slow = Slow()
    events = dispatcher({"webhook:ops": slow}).flush_once()
    assert states(events, item) == ["sending"]
    assert slow.effects == []
    assert outbox.get(item.id).state is State.QUEUED


def test_an_account_that_turns_out_to_be_incomplete_while_sending(outbox: Outbox, dispatcher: Make) -> None:
    class Incomplete(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            raise NotConfiguredError("The address is not one.", "~/.agentrc", "Correct it.")

    item = outbox.enqueue(intent(), approval=False)
    assert states(dispatcher({"webhook:ops": Incomplete()}).flush_once(), item) == ["sending", "queued"]
    assert str(outbox.get(item.id).last_error).endswith("Correct it.")


@pytest.mark.parametrize(("moment", "state"), [("settle", State.DELIVERED), ("offer", State.QUEUED)])
def test_a_disk_that_fills_up_during_a_delivery_loses_neither_item_nor_receipt(
    database: Path, outbox: Outbox, connectivity: Connectivity, clock: HandClock, moment: str, state: State
) -> None:
    full: list[str] = []

    class Filling(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if full and sql == "BEGIN IMMEDIATE":
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *values)  # type: ignore[arg-type]

    class Far(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            if moment == "offer":
                full.append("now")
            receipt = super().deliver(item, offer)
            full.append("now")
            return receipt

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(database, isolation_level=None, factory=Filling)
        connection.row_factory = sqlite3.Row
        return connection

    item = outbox.enqueue(intent(), approval=False)
    far = Far(mode="none")
    dispatching = Dispatcher(connect, lambda _: far, connectivity, clock)
    events = dispatching.flush_once()
    assert any(isinstance(event, DispatcherFailed) and "disk is full" in event.what for event in events)
    assert outbox.get(item.id).state is State.SENDING
    full.clear()
    connectivity.switch(offline=True)
    clock.turn(LEASE_MS / 1_000)
    dispatching.flush_once()
    assert outbox.get(item.id).state is state
    assert far.times(item.id) == (state is State.DELIVERED)
