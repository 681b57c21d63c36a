"""All or nothing on a connection in autocommit. Inside another transaction it is a savepoint, so that the outbox row
and the caller's own rows commit together (agent/README.md, promise 2)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    nested = connection.in_transaction
    begin, commit, undo = (
        ("SAVEPOINT outbox", "RELEASE outbox", ("ROLLBACK TO outbox", "RELEASE outbox"))
        if nested
        else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
    )
    connection.execute(begin)
    try:
        yield
        connection.execute(commit)
    except BaseException:
        if connection.in_transaction:
            for statement in undo:
                connection.execute(statement)
        raise
