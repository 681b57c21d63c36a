"""The outbox: one item with its history row in a transaction against a bare insert with the same pragmas; and each look
at it with 100,000 waiting items against the same with ten.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agent.store import connect, open_store
from sync.intent import Intent
from sync.leases import Leases
from sync.outbox import Outbox
from sync.transaction import transaction

ITEMS = 500
FEW, MANY, BATCH, LOOKED = 10, 100_000, 1_000, 30
BODY = "The contract is signed. " * 10
Measured = list[tuple[str, str, list[float], list[float] | None, str]]


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "carryon.db")
        outbox = Outbox(store, time.time)
        bare = connect(Path(folder) / "bare.db")
        bare.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)")
        ours = _per_second(lambda: outbox.enqueue(_intent(), approval=False))
        peer = _per_second(lambda: _insert(bare))
        store.close()
        bare.close()
    rate = ("enqueue", "a second", ours, peer, "bare SQLite commits, WAL, full sync")
    return [rate, *_many()]


def _many() -> Measured:
    """Milliseconds of each look, in an outbox of MANY items and in one of FEW."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stores:
        few, many = (stores.enter_context(_filled(Path(folder), count)) for count in (FEW, MANY))
        return [
            (f"outbox of {MANY:,}: {name}", "ms", _milliseconds(look, many), _milliseconds(look, few), f"with {FEW}")
            for name, look in LOOKS.items()
        ]


@contextmanager
def _filled(folder: Path, count: int) -> Iterator[sqlite3.Connection]:
    store = open_store(folder / f"{count}.db")
    outbox = Outbox(store, time.time)
    for _ in range(0, count, BATCH):
        with transaction(store):
            for _ in range(min(BATCH, count)):
                outbox.enqueue(_intent(), approval=False)
    yield store
    store.close()


def _milliseconds(look: Callable[[sqlite3.Connection], object], store: sqlite3.Connection) -> list[float]:
    times = []
    for _ in range(LOOKED):
        started = time.perf_counter()
        look(store)
        times.append((time.perf_counter() - started) * 1_000)
    return times


def _start(store: sqlite3.Connection) -> None:
    """What the dispatcher does before it sends anything."""
    leases = Leases(store, time.time)
    leases.recover()
    leases.expire()
    leases.due()


LOOKS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "start-up": _start,
    "a page": lambda store: Outbox(store, time.time).list(states=("queued",), limit=FEW, newest_first=True),
    "filtered": lambda store: Outbox(store, time.time).list(states=("queued",), destination="smtp:work", limit=FEW),
    "counted": lambda store: Outbox(store, time.time).counts(),
    "one more": lambda store: Outbox(store, time.time).enqueue(_intent(), approval=False),
}


def _intent() -> Intent:
    args = {"to": "Dana", "body": BODY}
    return Intent(
        "email.send", args, "smtp:work", args | {"subject": "signed"}, "E-mail to Dana: the contract is signed"
    )


def _insert(bare: sqlite3.Connection) -> None:
    bare.execute("BEGIN IMMEDIATE")
    bare.execute("INSERT INTO item (body) VALUES (?)", (BODY,))
    bare.execute("COMMIT")


def _per_second(work: Callable[[], object]) -> list[float]:
    rates = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(ITEMS // 5):
            work()
        rates.append(ITEMS / 5 / (time.perf_counter() - started))
    return rates
