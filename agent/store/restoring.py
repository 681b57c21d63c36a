"""Putting a copy back. The database in use is never overwritten: it is kept aside, whole, under a dated name."""

import os
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from agent.errors import BadRequestError
from agent.store.backup import stamp
from agent.store.connection import connect
from agent.store.copies import aside, backups_of, copies
from agent.store.errors import DatabaseDamagedError, file_not_written
from agent.store.integrity import has_log, look_over, problems


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept`: where the database that was in use before now lies; None when there was none. `doubted`: items of the
    outbox that may have been sent since the copy was made."""

    source: Path
    kept: Path | None
    doubted: int = 0


def restore(database: Path, source: Path | None = None, *, life: Path | None = None) -> Restored:
    """Put a copy (the newest good one) in place of the database, which is kept aside under a name that says when.
    `life`: the outbox's mark outside it, which tells whether that one was itself an older copy."""
    chosen = source or _newest_good(database)
    if not is_good(chosen):
        raise BadRequestError("This copy is not a whole database, or it is in use.", str(chosen), "Choose another one.")
    incoming = database.with_name(f".{database.name}.incoming")
    try:
        _copy_file(chosen, incoming)
        kept = _keep(database)
        doubted = _mark_outbox(incoming, kept, life)
        incoming.replace(database)
    except OSError as error:
        raise file_not_written(error, database) from error
    finally:
        incoming.unlink(missing_ok=True)
    return Restored(chosen, kept, doubted)


def _mark_outbox(incoming: Path, kept: Path | None, life: Path | None) -> int:
    """Before the copy is in place, so that at no moment it could send something a second time."""
    from sync.life import Life
    from sync.restored import mark_file

    known = Life(life) if life else None
    return mark_file(incoming, kept if kept and not look_over(kept) else None, int(time.time() * 1_000), known)


def _newest_good(database: Path) -> Path:
    folder = backups_of(database)
    for copy in copies(folder):
        if is_good(copy.path):
            return copy.path
    raise BadRequestError("There is no good backup to restore.", str(folder), "Name one: carryon restore PATH")


def is_good(path: Path) -> bool:
    """A whole database: checked page by page, nothing written beside it."""
    if not path.is_file() or path.stat().st_size == 0 or look_over(path) or has_log(path):
        return False
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return not problems(connection)
    finally:
        connection.close()


def _copy_file(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _keep(database: Path) -> Path | None:
    """A second name for the present file, so that at no moment there is none at its place. Its log is moved first:
    SQLite would play a log that stayed behind into the restored file."""
    if not database.exists():
        return None
    _fold_log_in(database)
    kept = _free_name(database)
    for end in ("-wal", "-shm"):
        beside = database.with_name(database.name + end)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + end))
    try:
        kept.hardlink_to(database)
    except OSError:  # a file system without second names
        _copy_file(database, kept)
    return kept


def _free_name(database: Path) -> Path:
    name = kept = database.with_name(f"{aside(database)}{stamp(time.time())}")
    number = 1
    while kept.exists():
        number += 1
        kept = name.with_name(f"{name.name}-{number}")
    return kept


def _fold_log_in(database: Path) -> None:
    """One whole file to keep; fails when another process has the database open. A damaged one is kept as it lies."""
    if look_over(database):
        return
    try:
        connection = connect(database)
        try:
            connection.execute("PRAGMA busy_timeout = 500")
            connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
    except DatabaseDamagedError:
        return
