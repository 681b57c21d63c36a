"""One exchange of a profile at a time, whichever of its processes does it: they would write the same file twice.

The lock is SQLite's own, on an empty file beside the database: the same on every system, and gone with its process.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent.errors import BrokenError, CarryonError
from agent.replica.errors import NoExchangeError

WAIT_SECONDS_MAX = 5.0


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Raises NoExchangeError while another one goes on, BrokenError where the lock cannot be had at all."""
    lock = database.with_name("exchange.lock")
    with closing(_locked(lock)):
        yield


def _locked(lock: Path) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(lock, isolation_level=None, timeout=WAIT_SECONDS_MAX)
        lock.chmod(0o600)
        connection.execute("BEGIN EXCLUSIVE")
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        raise _refused(error, lock) from error
    return connection


def _refused(error: sqlite3.Error | OSError, lock: Path) -> CarryonError:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return NoExchangeError("Another Carryon is exchanging this library just now.", str(lock.parent), "Wait for it.")
    return BrokenError(
        f"The exchange cannot begin: {error}.", str(lock), "See whether the disk has room and may be written to."
    )
