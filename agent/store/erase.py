"""Erase everything: the only verb that destroys work. The front end asks for a typed word first."""

import sqlite3

from agent.store.connection import Store
from agent.store.copies import aside, backups_of, copies
from agent.store.transaction import transaction

KEPT = ("_sqlite_migrations",)  # the shape of the file, no word of the user's
SHADOWS = ("data", "idx", "content", "docsize", "config")  # tables of which FTS5 makes an index


def erase_everything(store: Store) -> int:
    """Empties every table, rewrites the file so that no page remembers, and removes all backups and what a
    restore kept aside; rows erased."""
    with transaction(store):
        store.execute("PRAGMA defer_foreign_keys = ON")
        before = store.total_changes
        triggers = _put_triggers_away(store)
        for table in _tables(store):
            store.execute(f'DELETE FROM "{table}"')  # noqa: S608  a name that the database gave
        erased = store.total_changes - before
        _tell_indexes(store, "rebuild")
        for trigger in triggers:
            store.execute(trigger)
    _wipe(store)
    for copy in copies(backups_of(store.path)):
        copy.path.unlink(missing_ok=True)
    for path in store.path.parent.iterdir():
        if path.name.startswith(aside(store.path)):
            path.unlink(missing_ok=True)
    return erased


def _put_triggers_away(store: Store) -> list[str]:
    """They would follow the deletes row by row, in an order that means nothing here. Returns how to make them again."""
    rows = store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for row in rows:
        store.execute(f'DROP TRIGGER "{row["name"]}"')
    return [row["sql"] for row in rows]


def _wipe(store: Store) -> None:
    """Let no page and no log remember what was deleted."""
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
    apart = {*indexes, *KEPT, *(f"{index}_{part}" for index in indexes for part in SHADOWS)}
    return [row[0] for row in rows if row[0] not in apart and not row[0].startswith("sqlite_")]
