"""Enqueue rate: one item with its history row in a transaction, against a bare insert with the same pragmas."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agent.store import connect, open_store
from sync.intent import Intent
from sync.outbox import Outbox

ITEMS = 500
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
    return [("enqueue", "a second", ours, peer, "bare SQLite commits, WAL, full sync")]


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
