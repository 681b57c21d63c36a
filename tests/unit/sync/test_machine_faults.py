"""A disk without room, a disk that may only be read, a second copy of Carryon: real files, real SQLite."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.bulk import decide
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import DispatcherFailed, Event
from sync.item import Item, State
from sync.leases import LEASE_MS, Leases
from sync.loopback import Loopback
from sync.outbox import Outbox
from sync.transaction import transaction
from sync.transports.port import Offer, Receipt
from tests.sim.profiles import HandClock, intent, open_connection

OPS = "webhook:ops"


def fill(connection: sqlite3.Connection) -> None:
    """No page more than it has now. The limit is the connection's own."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def enough(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture
def packed(outbox: Outbox) -> Item:
    """The file has no free room left in its pages either."""
    for n in range(40):
        outbox.cancel(outbox.enqueue(intent(f"{n}" + "x" * 3_000), approval=False).id)
    return outbox.enqueue(intent("y" * 3_000), approval=False)


def test_on_a_full_disk_nothing_is_half_stored(
    outbox: Outbox, connection: sqlite3.Connection, database: Path, packed: Item
) -> None:
    connection.execute("CREATE TABLE call (id)")
    before = outbox.counts()
    fill(connection)
    with pytest.raises(sqlite3.OperationalError, match="full"), transaction(connection):  # noqa: PT012  it is the test
        connection.execute("INSERT INTO call VALUES (1)")
        for n in range(100):
            outbox.enqueue(intent(f"{n}" + "z" * 20_000), approval=False)
    enough(connection)
    assert not connection.in_transaction
    assert outbox.counts() == before
    assert connection.execute("SELECT count(*) FROM call").fetchone()[0] == 0
    with closing(open_connection(database)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert outbox.enqueue(intent(), approval=False).state is State.QUEUED


def test_a_decision_about_many_on_a_full_disk_keeps_whole_batches(
    outbox: Outbox, connection: sqlite3.Connection, packed: Item
) -> None:
    ids = [outbox.enqueue(intent(f"{n}"), approval=True).id for n in range(5)]
    fill(connection)

    def one(item_id: str) -> Item:
        return outbox.edit(item_id, payload={"text": "w" * 200_000})

    with pytest.raises(sqlite3.OperationalError, match="full"):
        decide(connection, ids, one)
    enough(connection)
    assert {outbox.get(item_id).payload["text"] for item_id in ids} == {str(n) for n in range(5)}


class Full:
    """A dispatcher's connections to a file that has no room while `now` is set."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.now = False

    def __call__(self) -> sqlite3.Connection:
        outer = self

        class Filling(sqlite3.Connection):
            def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
                limit = "1" if outer.now else "1000000"  # SQLite takes the present size where that is more
                super().execute(f"PRAGMA max_page_count = {limit}")
                return super().execute(sql, *values)  # type: ignore[arg-type]

        connection = sqlite3.connect(self.database, isolation_level=None, factory=Filling)
        connection.row_factory = sqlite3.Row
        return connection


def test_a_disk_that_fills_up_before_the_mark_sends_nothing(
    outbox: Outbox, connection: sqlite3.Connection, database: Path, clock: HandClock, packed: Item
) -> None:
    for _ in range(300):  # until no page has room for one more line of history
        outbox.cancel(packed.id)
        outbox.retry(packed.id)
    full, place = Full(database), Loopback(mode="none")
    full.now = True
    dispatcher = Dispatcher(full, lambda _: place, Connectivity(clock), clock)
    # The last free bytes may let some go; none goes that could not be written down.
    assert any(_hits_the_wall(dispatcher, outbox) for _ in range(200))
    full.now = False
    offered = connection.execute("SELECT count(*) FROM outbox_item WHERE offers > 0").fetchone()[0]
    assert len(place.effects) <= offered
    clock.turn(LEASE_MS / 1_000)
    for _ in range(3):
        dispatcher.flush_once()
    assert [place.times(key) for key, _ in place.effects] == [1] * len(place.effects)
    assert {item.state for item in outbox.list()} <= {State.DELIVERED, State.CANCELLED, State.UNKNOWN}
    delivered = [item for item in outbox.list() if item.state is State.DELIVERED]
    assert all(place.times(item.id) for item in delivered)


def _hits_the_wall(dispatcher: Dispatcher, outbox: Outbox) -> bool:
    """Whether a flush ran into the full disk; if not, one more item takes some of what is left."""
    try:
        events = dispatcher.flush_once()
    except sqlite3.OperationalError as error:
        return "full" in str(error)
    outbox.enqueue(intent("v" * 2_000), approval=False)
    return any(isinstance(event, DispatcherFailed) and "full" in event.what for event in events)


def test_on_a_disk_that_may_only_be_read_everything_is_shown_and_nothing_sent(
    outbox: Outbox, database: Path, clock: HandClock
) -> None:
    item = outbox.enqueue(intent(), approval=False)
    place = Loopback()

    def read_only() -> sqlite3.Connection:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    with closing(read_only()) as connection:
        shown = Outbox(connection, clock)
        assert [one.id for one in shown.list(states=("queued",), text="signed")] == [item.id]
        assert shown.places() == {OPS: {"queued": 1}}
        for decide_ in (shown.cancel, shown.retry):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                decide_(item.id)
    events: list[Event] = []
    told = threading.Event()

    def hear(event: Event) -> None:
        events.append(event)
        told.set()

    stop = threading.Event()
    dispatcher = Dispatcher(read_only, lambda _: place, Connectivity(clock), clock, hear)
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    assert told.wait(20)
    stop.set()
    dispatcher.nudge()
    thread.join(20)
    assert [type(event) for event in events] == [DispatcherFailed]
    assert "readonly" in events[0].what  # type: ignore[union-attr]
    assert place.effects == []
    assert outbox.get(item.id) == item


@pytest.fixture
def two(database: Path, clock: HandClock) -> Iterator[tuple[Leases, Leases]]:
    with closing(open_connection(database)) as one, closing(open_connection(database)) as other:
        yield Leases(one, clock), Leases(other, clock)


def test_a_second_copy_takes_over_from_one_that_sleeps_and_the_sleeper_sends_nothing(
    outbox: Outbox, two: tuple[Leases, Leases], clock: HandClock, database: Path
) -> None:
    """The lid is closed between the lease and the offer, at a real destination's distance from the disk."""
    item = outbox.enqueue(intent(), approval=False)
    place = Loopback(mode="none")
    asleep, awake = threading.Event(), threading.Event()

    class Sleeper(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            asleep.set()
            assert awake.wait(20)
            return place.deliver(item, offer)

    sleeping = Dispatcher(lambda: open_connection(database), lambda _: Sleeper(), Connectivity(clock), clock)
    thread = threading.Thread(target=sleeping.flush_once)
    thread.start()
    assert asleep.wait(20)
    clock.turn(LEASE_MS / 1_000 + 1)
    second = Dispatcher(lambda: open_connection(database), lambda _: place, Connectivity(clock), clock)
    second.flush_once()
    awake.set()
    thread.join(20)
    assert place.times(item.id) == 1
    assert outbox.get(item.id).state is State.DELIVERED
    assert outbox.get(item.id).attempts == 2
