"""Schema changes: named, small, each in its own transaction, recorded, never edited after release.

Each package that owns tables lists its STEPS; this is the only place that runs them. sqlite-utils is imported only
when a step is due, so an ordinary start does not pay for it. Two processes may start at once: each step takes the
write lock first and looks again what is due.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.spans import span
from agent.store.connection import Store
from agent.store.transaction import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET_NAME = "carryon"
Steps = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands: steps still to run, and steps that only a newer Carryon knows."""

    due: tuple[str, ...]
    unknown: tuple[str, ...]
    empty: bool


def all_steps() -> Steps:
    """Every owner's steps, in the order in which they run."""
    with span("schema conversations"):
        from agent.conversation.schema import STEPS as CONVERSATION
    with span("schema corrections"):
        from agent.corrections.schema import STEPS as CORRECTIONS
    with span("schema library"):
        from agent.library.schema import STEPS as LIBRARY
    with span("schema replica"):
        from agent.replica.schema import STEPS as REPLICA
    with span("schema starts"):
        from agent.starts.schema import STEPS as STARTS
    with span("schema outbox"):
        from sync.schema import STEPS as OUTBOX

    return (*CONVERSATION, *LIBRARY, *OUTBOX, *CORRECTIONS, *STARTS, *REPLICA)


def applied(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Names of the steps that this file has had; empty for a new file."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    if not there:
        return ()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET_NAME,)).fetchall()
    return tuple(row[0] for row in rows)


def standing(connection: sqlite3.Connection, steps: Steps) -> Standing:
    done = applied(connection)
    known = [name for name, _ in steps]
    empty = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    return Standing(
        tuple(name for name in known if name not in done), tuple(name for name in done if name not in known), empty
    )


def migrate(store: Store, steps: Steps) -> None:
    """Run what is due. A step that fails takes nothing with it: those before it stay, it can be tried again."""
    with span("migrations imports"):
        from sqlite_utils import Database

    migrations = _migrations(steps)
    database = Database(store, recursive_triggers=False, execute_plugins=False)
    names = [name for name, _ in steps]
    for name in standing(store, steps).due:
        with span(f"migration {name}"), transaction(store):
            done = applied(store)  # another process may have run it meanwhile
            later = [later for later in names[names.index(name) + 1 :] if later not in done]
            migrations.apply(database, stop_before=later)


def _migrations(steps: Steps) -> "Migrations":
    from sqlite_utils import Migrations

    migrations = Migrations(SET_NAME)
    for name, script in steps:

        def step(database: "Database", script: str = script) -> None:
            for statement in statements(script):
                database.execute(statement)

        migrations(name=name)(step)
    return migrations


def statements(script: str) -> Iterator[str]:
    """The single statements of a script; a trigger's body is part of its statement."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if gathered.strip():
        raise ValueError(f"A schema step ends within a statement: {gathered.strip()[:80]}")
