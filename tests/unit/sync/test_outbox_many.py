"""A hundred thousand items: what is looked at, put in, decided and started costs what it touches. Counted in steps of
SQLite's machine, not in seconds, so that a busy computer changes nothing."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sync import bulk, listing
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.errors import NotAllowedError
from sync.intent import Need
from sync.leases import Leases
from sync.loopback import Loopback
from sync.mending import Mending
from sync.outbox import Outbox
from sync.schema import STEPS
from sync.states import State
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Receipt, Transport
from tests.sim.profiles import HandClock, intent, open_connection

MANY = 100_000
BEFORE = 3  # steps, before lists and heads got their tables
COLUMNS = "id, tool, args, destination, payload, sentence, fingerprint, state, receipt, conversation_id, waits_for, " \
          "created_at, updated_at, expires_at, next_attempt_at"  # fmt: skip


def row(n: int, destination: str, state: str, waits_for: int = 0, waits_until: int = 0) -> tuple[object, ...]:
    receipt = '{"text": "ok"}' if state == "delivered" else None
    words = f"Message to ops: number {n} of the contract" + (" needle" if n == 77_777 else "")
    return (
        f"{n}", f"tool.{n % 7}", "{}", destination, '{"text": "x"}', words, "f", state, receipt, f"c{n % 50}",
        waits_for, 1, 1, 10**14, waits_until,
    )  # fmt: skip


def fill(connection: sqlite3.Connection, rows: Iterator[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(COLUMNS.split(",")))
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO outbox_item ({COLUMNS}) VALUES ({marks})", rows)
    connection.execute("COMMIT")


SHAPES: dict[str, Callable[[int], tuple[object, ...]]] = {
    "waiting for a yes": lambda n: row(n, f"webhook:{n % 50}", "waiting_approval"),
    "in one place": lambda n: row(n, "webhook:one", "queued"),
    "over 5,000 places": lambda n: row(n, f"webhook:{n % 5_000}", "queued"),
    "put off over 5,000 places": lambda n: row(n, f"webhook:{n % 5_000}", "queued", 0, 1_800_000_000_000 + 60_000 + n),
    "held by what they need": lambda n: row(n, f"webhook:{n % 50}", "queued", int(n % 100 > 0)),
    "half of it delivered": lambda n: row(n, f"webhook:{n % 50}", "queued" if n % 2 else "delivered"),
    "delivered": lambda n: row(n, f"webhook:{n % 50}", "delivered"),
}


@pytest.fixture(scope="module", params=SHAPES)
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("crowd") / "many.db"
    with closing(open_connection(path)) as connection:
        for _, script in STEPS[:BEFORE]:
            connection.executescript(script)
        fill(connection, (SHAPES[request.param](n) for n in range(MANY)))
        for _, script in STEPS[BEFORE:]:  # a hundred thousand single inserts take longer than one new index
            connection.executescript(script)
        yield connection


@contextmanager
def steps(connection: sqlite3.Connection, most: int) -> Iterator[None]:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 100
        return 0

    connection.set_progress_handler(count, 100)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
    assert counted <= most, f"{counted} steps"


def test_everything_a_user_or_a_start_does_costs_what_it_touches(crowd: sqlite3.Connection) -> None:
    clock = HandClock()
    outbox, leases, mending = Outbox(crowd, clock), Leases(crowd, clock), Mending(crowd, clock)
    with steps(crowd, 4_000):  # what a start does before it can send
        assert leases.recover() == []
        assert leases.expire() == []
        assert mending.rejuvenate() == 0
        assert len(leases.due_places(20)) <= 20
        leases.next_due_ms()
        mending.look_back()
    with steps(crowd, 3_000):
        item = outbox.enqueue(intent("one more", "webhook:49"), approval=False)
        needing = outbox.enqueue(intent("after it", needs=(Need(item.id),)), approval=True)
    with steps(crowd, 3_000):
        outbox.approve(needing.id)
        outbox.edit(needing.id, payload={"text": "b"})
        outbox.cancel(needing.id)
        outbox.get(needing.id)
        outbox.timeline(needing.id)
    for wanted in (
        {}, {"states": ("queued", "failed")}, {"destination": "webhook:7"}, {"destination": "webhook:one"},
        {"destination": "webhook:7", "states": ("waiting_approval",)}, {"conversation_id": "c7"}, {"tool": "tool.3"},
        {"tool": "tool.3", "states": ("unknown",)}, {"conversation_id": "c7", "states": ("rejected", "queued")},
        {"text": "needle"}, {"text": "contract"}, {"text": "num"}, {"text": "Needle contract numb"},
        {"text": "nothing like it"}, {"text": "contract", "states": ("rejected",)}, {"states": State},
    ):  # fmt: skip
        for newest_first in (True, False):
            with steps(crowd, 25_000):
                found = outbox.list(limit=50, newest_first=newest_first, **wanted)  # type: ignore[arg-type]
            seqs = [one.seq for one in found]
            assert seqs == sorted(seqs, reverse=newest_first)
    assert [one.id for one in outbox.list(text="needle")] == ["77777"]
    with steps(crowd, 1_000):
        outbox.counts()
    with steps(crowd, 10_000):
        assert len(outbox.places(limit=20)) <= 20


def test_a_table_that_was_made_before_is_brought_up_in_seconds(tmp_path: Path) -> None:
    with closing(open_connection(tmp_path / "old.db")) as connection:
        for _, script in STEPS[:BEFORE]:
            connection.executescript(script)
        fill(connection, (row(n, f"webhook:{n % 500}", "queued" if n % 2 else "delivered") for n in range(MANY)))
        began = time.process_time()
        for _, script in STEPS[BEFORE:]:
            connection.executescript(script)
        assert time.process_time() - began < 15, "1.2 s where nothing else runs"
        outbox = Outbox(connection, HandClock())
        assert len(outbox.places()) == 500
        assert outbox.places(limit=1) == {"webhook:0": {"delivered": 200}}
        assert [item.id for item in outbox.list(text="needle")] == ["77777"]
        assert len(Leases(connection, HandClock()).due()) == 250


def test_pages_by_every_filter(outbox: Outbox) -> None:
    made = [
        outbox.enqueue(
            intent(f"Grüße {n}", f"webhook:{n % 2}", tool=f"t{n % 3}", conversation_id=f"c{n % 2}"), approval=n > 5
        )
        for n in range(12)
    ]
    ids = [item.id for item in made]

    def found(**wanted: object) -> list[int]:
        return [ids.index(item.id) for item in outbox.list(**wanted)]  # type: ignore[arg-type]

    assert found(conversation_id="c1", newest_first=True, limit=2) == [11, 9]
    assert found(conversation_id="c1", after=ids[5], limit=2) == [7, 9]
    assert found(tool="t1", destination="webhook:0") == [4, 10]
    assert found(tool="t1", states=("queued",)) == [1, 4]
    assert found(text="grüsse 7") == found(text="üße 7") == []
    assert found(text="GRUßE 7") == [7], "dots may be left out"
    assert found(text="grüße 7") == [7]
    assert found(text="GRÜ", states=("queued",), newest_first=True) == [5, 4, 3, 2, 1, 0]
    assert found(text="grüße 1") == [1, 10, 11], "the last word may go on"
    assert found(text='"') == found(text="* OR") == []
    assert found(text="  ", limit=3) == [0, 1, 2]
    assert found(text="gru", after=ids[9]) == [10, 11]
    outbox.edit(ids[0], sentence="Another word")
    assert found(text="another") == [0]
    assert found(text="grü", limit=1) == [1]
    assert found(limit=0) == found(text="grü", limit=-1) == []


def test_words_among_more_than_a_few(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEW", 1)
    made = [outbox.enqueue(intent(f"word {n}", f"webhook:{n % 2}"), approval=n > 2) for n in range(6)]
    found = outbox.list(text="word", states=("queued",), destination="webhook:0", newest_first=True)
    assert [item.id for item in found] == [made[2].id, made[0].id]
    assert [item.id for item in outbox.list(text="word", limit=2, after=made[3].id)] == [made[4].id, made[5].id]


def test_how_many_there_are_where(outbox: Outbox) -> None:
    for n in range(6):
        outbox.enqueue(intent(str(n), f"webhook:{n % 3}"), approval=n == 0)
    assert outbox.places() == {
        "webhook:0": {"queued": 1, "waiting_approval": 1}, "webhook:1": {"queued": 2}, "webhook:2": {"queued": 2},
    }  # fmt: skip
    assert list(outbox.places(limit=1, after="webhook:0")) == ["webhook:1"]
    outbox.edit(outbox.list(destination="webhook:1")[0].id, destination="webhook:9")
    assert outbox.places(after="webhook:0")["webhook:9"] == {"queued": 1}
    outbox.cancel(outbox.list(destination="webhook:9")[0].id)
    assert outbox.places()["webhook:9"] == {"cancelled": 1}


def test_many_are_decided_in_short_transactions_and_each_refusal_is_told(
    outbox: Outbox, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH_MAX", 3)
    ids = [outbox.enqueue(intent(str(n)), approval=n != 4).id for n in range(8)]
    begins = list[str]()
    connection.set_trace_callback(lambda sql: begins.append(sql) if sql.startswith("BEGIN") else None)
    done = outbox.approve_many([*ids, "nothing", ids[0]])
    connection.set_trace_callback(None)
    assert done.done == (*ids[:4], *ids[5:])
    assert set(done.refused) == {ids[4], "nothing"}
    assert "queued cannot be approved" in done.refused[ids[4]]
    assert len(begins) == 3
    assert outbox.counts() == {"queued": 8}
    assert outbox.cancel_many(ids).done == tuple(ids)
    assert outbox.retry_many(ids).done == tuple(ids)
    assert outbox.resolve_many(ids[:2], "delivered").done == tuple(ids[:2])
    assert len(outbox.resolve_many(ids[2:], "maybe").refused) == 6
    assert outbox.counts() == {"queued": 6, "delivered": 2}
    with pytest.raises(NotAllowedError, match="Choose fewer"):
        outbox.cancel_many([str(n) for n in range(bulk.IDS_MAX + 1)])


def test_while_many_are_decided_another_process_gets_its_turn(
    outbox: Outbox, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "HELD_S_MAX", 0.0)
    ids = [outbox.enqueue(intent(str(n)), approval=True).id for n in range(50)]
    waits = list[float]()
    done = threading.Event()

    def write() -> None:
        with closing(open_connection(database)) as other:
            while not done.is_set():
                began = time.monotonic()
                Outbox(other, HandClock()).enqueue(intent("meanwhile", "webhook:b"), approval=False)
                waits.append(time.monotonic() - began)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert len(outbox.approve_many(ids).done) == 50
    finally:
        done.set()
        thread.join(20)
    assert waits


def test_places_without_an_account_do_not_starve_one_that_has_one(
    outbox: Outbox, database: Path, clock: HandClock
) -> None:
    for n in range(200):
        outbox.enqueue(intent(str(n), f"a:{n:03}"), approval=False)
    item = outbox.enqueue(intent("x", "z:there"), approval=False)
    arrived = threading.Event()

    class There(Loopback):
        def deliver(self, item: object, offer: Callable[[], None]) -> Receipt:
            receipt = super().deliver(item, offer)  # type: ignore[arg-type]
            arrived.set()
            return receipt

    there = There()

    def find(destination: str) -> Transport:
        if destination == "z:there":
            return there
        raise NotConfiguredError("No account is set up.", destination, "Set one up.")

    stop = threading.Event()
    dispatcher = Dispatcher(lambda: open_connection(database), find, Connectivity(clock), clock)
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    try:
        assert arrived.wait(30)
    finally:
        stop.set()
        dispatcher.nudge()
        thread.join(20)
    assert there.times(item.id) == 1


def test_a_long_queue_at_one_place_does_not_starve_another(
    outbox: Outbox, database: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.delivery.ITEMS_A_ROUND_MAX", 5)
    monkeypatch.setattr("sync.dispatcher.ROUNDS_AT_ONCE_MAX", 1)
    order = list[str]()

    class Place(Loopback):
        def deliver(self, item: object, offer: Callable[[], None]) -> Receipt:
            order.append(self.name)
            return super().deliver(item, offer)  # type: ignore[arg-type]

    places = {"a:long": Place("long"), "b:short": Place("short")}
    for n in range(12):
        outbox.enqueue(intent(str(n), "a:long"), approval=False)
    outbox.enqueue(intent("x", "b:short"), approval=False)
    dispatcher = Dispatcher(lambda: open_connection(database), places.__getitem__, Connectivity(clock), clock)
    dispatcher.flush_once()
    assert order == ["long"] * 5 + ["short"] + ["long"] * 7, "and a flush still sends everything"
