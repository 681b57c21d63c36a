"""All or nothing, nested at will: the outermost block is a transaction, those inside it are savepoints.

SQLite may give up a whole transaction by itself (a full disk, no memory). Then nothing is left to roll back, and
nothing that still runs inside the block may be stored on its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from agent.store.connection import Store
from agent.store.errors import RolledBackError


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Takes the write lock at once, so that it waits here and not in the middle."""
    if not isinstance(connection, Store):
        raise TypeError("transaction() wants a connection that agent.store opened")
    nested = connection.depth > 0 or connection.in_transaction
    if nested:
        _still_open(connection)
    begin, commit, undo = (
        ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))
        if nested
        else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
    )
    connection.execute(begin)
    connection.depth += 1
    try:
        yield
        _still_open(connection)
        connection.execute(commit)
    except BaseException:
        if connection.in_transaction:
            for statement in undo:
                connection.execute(statement)
        raise
    finally:
        connection.depth -= 1


def _still_open(connection: Store) -> None:
    if not connection.in_transaction:
        raise RolledBackError(where=str(connection.path), todo="Try again.")
