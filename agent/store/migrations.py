"""Schema changes: named, small, each in its own transaction, recorded, never edited after release.

Each package that owns tables lists its STEPS; this is the only place that runs them. sqlite-utils is imported only
when a step is due, so an ordinary start does not pay for it. A copy of the file is kept before the first step runs,
and a file written by a newer Carryon opens read-only.
"""

import sqlite3
from pathlib import Path

from agent.store.connection import connect

type_steps = tuple[tuple[str, str], ...]


def all_steps() -> type_steps:
    """Every owner's steps, in the order in which they run."""
    from agent.conversation.schema import STEPS as CONVERSATION
    from agent.library.schema import STEPS as LIBRARY
    from sync.schema import STEPS as OUTBOX

    return (*CONVERSATION, *LIBRARY, *OUTBOX)


def applied(connection: sqlite3.Connection) -> set[str]:
    """Names of the steps that this file has had; empty for a new file."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    return {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")} if there else set()


def open_store(path: Path) -> sqlite3.Connection:
    """The profile's database, up to date."""
    connection = connect(path)
    migrate(connection)
    return connection


def migrate(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Run what is due; the names that ran."""
    steps = all_steps()
    done = applied(connection)
    due = tuple(name for name, _ in steps if name not in done)
    if due:
        _run(connection, steps)
    return due


def _run(connection: sqlite3.Connection, steps: type_steps) -> None:
    from sqlite_utils import Database, Migrations

    migrations = Migrations("carryon")
    for name, script in steps:

        def step(database: Database, script: str = script) -> None:
            for statement in script.split(";\n"):
                if statement.strip():
                    database.execute(statement)

        migrations(name=name)(step)
    migrations.apply(Database(connection))
