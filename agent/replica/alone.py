"""One exchange of a profile at a time, whichever of its processes does it: they would write the same file twice.

The lock is SQLite's own, on an empty file beside the database: the same on every system, and gone with its process.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent.replica.errors import NoExchangeError

WAIT_SECONDS_MAX = 5.0


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Raises NoExchangeError while another one goes on."""
    lock = database.with_name("exchange.lock")
    with closing(sqlite3.connect(lock, isolation_level=None, timeout=WAIT_SECONDS_MAX)) as connection:
        lock.chmod(0o600)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise NoExchangeError(
                "Another Carryon is exchanging this library just now.", str(database), "Wait for it."
            ) from error
        yield
