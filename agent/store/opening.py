"""The way into a profile's database: look it over, bring it up to date, or open it as it may be opened."""

import contextlib
import sqlite3
from pathlib import Path

from agent.errors import CarryonError
from agent.spans import span
from agent.store.backup import before_step
from agent.store.connection import Store, connect
from agent.store.copies import backups_of, copies
from agent.store.errors import DiskFullError, NotWritableError, damaged, file_not_written, newer_database
from agent.store.integrity import has_log, look_over
from agent.store.migrations import Standing, Steps, all_steps, migrate, standing


def open_store(path: Path, steps: Steps | None = None) -> Store:
    """The profile's database, up to date. One that a newer Carryon wrote, or that cannot be written now, opens for
    reading, with `read_only` set.

    Raises DatabaseDamagedError, DatabaseBusyError, DiskFullError, NotWritableError; the file is left as it is.
    """
    with span("database look"):
        _refuse_damaged(path)
    steps = all_steps() if steps is None else steps
    with span("database connection"):
        try:
            store, state = _open(path, steps)
        except (DiskFullError, NotWritableError) as error:
            return _for_reading(path, steps, error)
    if state.unknown:
        store.close()
        store = connect(path, read_only=True)
        store.read_only = newer_database(path, state.unknown)
    elif state.due:
        _bring_up_to_date(store, state, steps)
    return store


def _open(path: Path, steps: Steps) -> tuple[Store, Standing]:
    store = connect(path)
    try:
        return store, standing(store, steps)
    except sqlite3.OperationalError as error:
        store.close()
        if isinstance(error, CarryonError):
            raise
        raise damaged(path, str(error)) from error  # our own SQL, so it is the file that makes no sense
    except BaseException:
        store.close()
        raise


def _for_reading(path: Path, steps: Steps, why: DiskFullError | NotWritableError) -> Store:
    """A disk that is full, or may only be read, keeps nobody from what is on it. Raises `why` where that cannot be.

    Read as unchanging only where no log lies beside it; should somebody write it all the same (there is room again),
    reading fails in words until it is opened anew.
    """
    if not path.exists():
        raise why
    for unchanging in (False, True) if not has_log(path) else (False,):
        try:
            store = connect(path, read_only=True, unchanging=unchanging)
        except sqlite3.Error:
            continue
        with contextlib.suppress(sqlite3.Error):
            if not standing(store, steps).due:
                store.read_only = why
                return store
        store.close()
    raise why


def _bring_up_to_date(store: Store, state: Standing, steps: Steps) -> None:
    try:
        if not state.empty:
            with span("database copy"):
                before_step(store, state.due[0])
        migrate(store, steps)
    except BaseException:
        store.close()
        raise


def _refuse_damaged(path: Path) -> None:
    try:
        trouble = look_over(path)
    except OSError as error:
        raise file_not_written(error, path) from error
    if trouble:
        raise damaged(path, trouble)
    if path.exists() and path.stat().st_size == 0 and copies(backups_of(path)):
        raise damaged(path, "it is empty, though there are backups of it")
