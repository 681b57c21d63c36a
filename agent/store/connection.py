"""Opening the profile's database the same way everywhere: WAL, full sync, foreign keys, private to the user.

Connections are in autocommit; `transaction` says where a change begins and ends. Full sync because the outbox promises
what it stored: WAL with NORMAL may lose the last commits when the power goes. Errors come out in words.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from agent.errors import BrokenError
from agent.store.errors import in_words, not_writable

BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 16_384
WAL_KEPT_BYTES_MAX = 16 * 1024 * 1024  # after a large paste the log shrinks back to this

FAULTS = (sqlite3.Error, UnicodeDecodeError)  # the second: what SQLite says of a damaged name is no text

PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA cache_size = -{CACHE_KIB}",
)
WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES_MAX}",
    "PRAGMA secure_delete = ON",  # what is purged leaves no trace in the pages
)


class Rows(sqlite3.Cursor):
    """A cursor whose errors are in words, also those that come up only while rows are read."""

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except FAULTS as error:
            raise self._named(error) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except FAULTS as error:
            raise self._named(error) from error

    def _named(self, error: sqlite3.Error | UnicodeDecodeError) -> Exception:
        store = self.connection
        return in_words(error, store.path, store.read_only) if isinstance(store, Store) else error


class Store(sqlite3.Connection):
    """A connection that knows its file. `read_only`: why it is open for reading alone; every try to write says it."""

    path: Path = Path()
    read_only: BrokenError | None = None
    depth: int = 0  # open `transaction` blocks

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return self.cursor(Rows).execute(sql, parameters)
        except FAULTS as error:
            raise in_words(error, self.path, self.read_only) from error

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        try:
            return self.cursor(Rows).executemany(sql, parameters)
        except FAULTS as error:
            raise in_words(error, self.path, self.read_only) from error


def connect(path: Path, *, read_only: bool = False, unchanging: bool = False) -> Store:
    """A connection for one thread. The file is made with mode 0600 if it is not there yet.

    `unchanging`: nobody can write it now, so it is read without SQLite's files beside it.
    """
    if not read_only:
        _make(path)
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}{'&immutable=1' if unchanging else ''}"
    try:
        store = sqlite3.connect(uri, uri=True, isolation_level=None, factory=Store)
    except sqlite3.Error as error:
        raise in_words(error, path) from error
    store.path = path
    store.row_factory = sqlite3.Row
    try:
        for pragma in PRAGMAS if read_only else PRAGMAS + WRITER_PRAGMAS:
            store.execute(pragma)
    except BaseException:
        store.close()
        raise
    return store


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise not_writable(error, path) from error
