"""A real SQLite file through connections of processes that may die before any statement, on a disk that may be full.

A death is an exception that nobody below catches, and after it the process says nothing more to the file: what it had
not committed is rolled back when its connection is closed, as after a real death.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT", "RELEASE")
FAULTS = {"full": "database or disk is full", "read-only": "attempt to write a readonly database"}


class Died(BaseException):
    """The simulated process ended here."""


class Disk:
    """`fault`: "" or one of FAULTS; `copies`: backups of the profile, by number."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "profile.db"
        self.fault = ""
        self.copies: list[Path] = []

    def connect(self, before: Callable[[str], None], closed: Callable[[], None]) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=0, factory=_Connection)
        connection.row_factory = sqlite3.Row
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.before, connection.closed, connection.disk = before, closed, self
        return connection

    def copy(self, source: Path, target: Path) -> None:
        """As a backup is made: whole, while others may write."""
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)


class _Connection(sqlite3.Connection):
    disk: Disk | None = None

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if self.disk is not None:
            self.before(sql)
            if self.disk.fault and sql.lstrip().startswith(WRITES):
                raise sqlite3.OperationalError(FAULTS[self.disk.fault])
        return super().execute(sql, *values)

    def close(self) -> None:
        super().close()
        if self.disk is not None:
            self.closed()

    def before(self, sql: str) -> None:
        """Replaced by `Disk.connect`."""

    def closed(self) -> None:
        """Replaced by `Disk.connect`."""
