"""A profile in the state that makes the next start one of a wanted class. The class is then read from evidence, by the
product itself; what is done here only brings the evidence about."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.paths import Paths
from agent.starts.ledger import Ledger
from agent.starts.record import Start, StartClass
from agent.starts.schema import STEPS
from agent.store import open_store
from models.catalog import STARTER_FILE
from tests.coldstart.processes import Place

HOURS_MS = 3_600_000
CLASSES = tuple(kind.value for kind in StartClass)


def can_be_made(kind: str) -> bool:
    return kind != StartClass.COLD_DISK or hasattr(os, "posix_fadvise")


def make_ready(kind: str, place: Place, home: Path) -> None:
    """`home` is a profile that was started before; for `after_update` an empty folder."""
    if kind == StartClass.COLD_DISK:
        for file in (place.tree / STARTER_FILE.relative_to(STARTER_FILE.parents[2]), Paths.of(_environ(home)).database):
            _let_go_of(file)
    elif kind == StartClass.AFTER_IDLE:
        with _ledger(home) as connection:
            rest = 12 * HOURS_MS
            connection.execute("UPDATE start SET at = at - ?, used_until = used_until - ?", (rest, rest))
    elif kind == StartClass.AFTER_UPDATE:
        _of_an_older_build(home)
        place.forget_compiled()


def _of_an_older_build(home: Path) -> None:
    """A database in which only the ledger is up to date, so that every other migration is due."""
    store = open_store(Paths.of(_environ(home)).make().database, STEPS)
    now = int(time.time() * 1_000)
    old = Start(
        id="old", kind=StartClass.WARM_DISK, at=now, app_build="older", llama_build="older", ok=True, evidence="",
        window_ms=None, ready_ms=1.0, first_token_ms=None, accounted=1.0, used_until=now,
    )  # fmt: skip
    Ledger(store).add(old)
    store.close()


def _let_go_of(file: Path) -> None:
    """Ask the system to forget what it holds of a file in memory; changes not yet on the disk go there first."""
    if not file.exists():
        return
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


@contextmanager
def _ledger(home: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(Paths.of(_environ(home)).database)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _environ(home: Path) -> dict[str, str]:
    return {"CARRYON_HOME": str(home), "AGENTRC": str(home / "agentrc")}
