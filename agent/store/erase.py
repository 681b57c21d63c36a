"""Erase everything: the only verb that destroys work. The front end asks for a typed word first."""

import sqlite3

from agent.store.backup import backups_of, copies
from agent.store.connection import Store
from agent.store.transaction import transaction

KEPT = ("_sqlite_migrations",)  # the shape of the file, no word of the user's


def erase_everything(store: Store) -> int:
    """Empties every table, rewrites the file so that no page remembers, and removes all backups; rows erased."""
    with transaction(store):
        store.execute("PRAGMA defer_foreign_keys = ON")
        before = store.total_changes
        for table in _tables(store):
            store.execute(f'DELETE FROM "{table}"')  # noqa: S608  a name that the database gave
        _tell_indexes(store, "rebuild")
        erased = store.total_changes - before
    wipe(store)
    for copy in copies(backups_of(store.path)):
        copy.path.unlink(missing_ok=True)
    return erased


def wipe(store: Store) -> None:
    """Let no page or log remember what was deleted."""
    _tell_indexes(store, "optimize")
    store.execute("VACUUM")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tell_indexes(store: Store, word: str) -> None:
    for index in _search_indexes(store):
        store.execute(f'INSERT INTO "{index}"("{index}") VALUES (?)', (word,))  # noqa: S608  likewise


def _search_indexes(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'").fetchall()
    return [row[0] for row in rows]


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Tables that hold rows of their own: no search index, none of its shadows, nothing of SQLite's."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    indexes = _search_indexes(connection)
    names = [row[0] for row in rows]
    shadows = {f"{index}_{part}" for index in indexes for part in ("data", "idx", "content", "docsize", "config")}
    return [n for n in names if n not in (*indexes, *KEPT) and n not in shadows and not n.startswith("sqlite_")]
