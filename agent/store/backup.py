"""Copies of the profile's database: made while it is in use, checked before they count, bounded in number.

Copies lie in `backups/` beside the database: `daily-…` of the last days, `before-STEP-…` from before a schema change.
"""

import os
import sqlite3
import time
from pathlib import Path

from agent.errors import BadRequestError
from agent.store.connection import Store
from agent.store.copies import backups_of
from agent.store.errors import damaged, file_not_written, in_words
from agent.store.integrity import problems

DAILY_MAX = 7
BEFORE_MAX = 3
DAY_SECONDS = 86_400
PARTIAL_SECONDS_MAX = 3_600  # no copy takes that long
DAILY, BEFORE = "daily-", "before-"


def stamp(seconds: float) -> str:
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(seconds))


def backup(store: Store, target: Path) -> Path:
    """A checked copy at `target`, whole or not there at all. A damaged database makes no copy: DatabaseDamagedError."""
    _refuse_own(store.path, target)
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        _copy(store, partial)
        partial.replace(target)
    except OSError as error:
        raise file_not_written(error, target) from error
    finally:
        for leftover in (partial, *(partial.with_name(partial.name + end) for end in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)
    return target


def _refuse_own(database: Path, target: Path) -> None:
    """The copy would take the place of what it is a copy of. Raises BadRequestError."""
    if target.resolve() in (database.with_name(database.name + end).resolve() for end in ("", "-wal", "-shm")):
        raise BadRequestError("This is the profile's own database.", str(target), "Choose another name.")


def _copy(store: Store, partial: Path) -> None:
    os.close(os.open(partial, os.O_CREAT | os.O_RDWR, 0o600))
    copy = sqlite3.connect(partial, isolation_level=None)
    try:
        store.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        wrong = problems(copy)
    except sqlite3.Error as error:
        raise in_words(error, store.path) from error
    finally:
        copy.close()
    if wrong:
        raise damaged(store.path, wrong[0])
    with partial.open("rb+") as file:
        os.fsync(file.fileno())


def daily(store: Store, now: float) -> Path | None:
    """Today's copy, unless there is one; the oldest beyond DAILY_MAX go. None: nothing was due."""
    folder = backups_of(store.path)
    made = sorted(folder.glob(f"{DAILY}*.db"))
    if made and made[-1].name > f"{DAILY}{stamp(now - DAY_SECONDS)}.db":
        return None
    target = backup(store, folder / f"{DAILY}{stamp(now)}.db")
    _prune(folder, DAILY, DAILY_MAX)
    return target


def before_step(store: Store, step: str) -> Path:
    """The copy that is kept from before a schema change."""
    folder = backups_of(store.path)
    target = backup(store, folder / f"{BEFORE}{step}-{stamp(time.time())}.db")
    _prune(folder, BEFORE, BEFORE_MAX)
    return target


def _prune(folder: Path, prefix: str, keep: int) -> None:
    """The oldest go, and what a crash left half made."""
    for partial in folder.glob(".*.partial"):
        if partial.stat().st_mtime < time.time() - PARTIAL_SECONDS_MAX:
            partial.unlink(missing_ok=True)
    made = sorted(folder.glob(f"{prefix}*.db"), key=lambda path: path.stat().st_mtime)
    for path in made[:-keep]:
        path.unlink(missing_ok=True)
