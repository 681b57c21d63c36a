"""Which laptop this is: an id in the database, made anew where the database turns out to be a copy of one.

A copy that went on under the same id would write other words under names that others have read already. It is known by
where it lies (another machine or another path), and a backup that was put back by the marks: each writing into a folder
leaves a token there that the database knows; a database that does not know its own folder's token is an older one.
"""

import hashlib
import platform
import sqlite3
import uuid
from pathlib import Path

from agent.replica.schema import BEGIN_SQL
from agent.replica.segment import At
from agent.store.transaction import transaction

MARKS_MAX = 500  # folders, or writings of a few
MACHINE_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def here(connection: sqlite3.Connection, database: Path) -> str:
    """The id of this laptop, a new one where the database was copied. Writes nothing where nothing is new."""
    place = _place(database)
    known = connection.execute("SELECT id FROM replica WHERE place = ?", (place,)).fetchone()
    if known is not None:
        return str(known[0])
    with transaction(connection):
        connection.execute(BEGIN_SQL)
        row = connection.execute("SELECT id, place FROM replica").fetchone()
        if row["place"] and row["place"] != place:
            renew(connection)
        connection.execute("UPDATE replica SET place = ?", (place,))
        return str(connection.execute("SELECT id FROM replica").fetchone()[0])


def renew(connection: sqlite3.Connection) -> str:
    with transaction(connection):
        connection.execute("UPDATE replica SET id = ?", (uuid.uuid4().hex,))
        connection.execute("DELETE FROM replica_mark")
        return str(connection.execute("SELECT id FROM replica").fetchone()[0])


def knows(connection: sqlite3.Connection, token: str) -> bool:
    return connection.execute("SELECT 1 FROM replica_mark WHERE token = ?", (token,)).fetchone() is not None


def has_mark(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM replica_mark LIMIT 1").fetchone() is not None


def written(connection: sqlite3.Connection, generation: str) -> int:
    """How many files of this generation were surely written."""
    row = connection.execute("SELECT max(n) FROM replica_mark WHERE generation = ?", (generation,)).fetchone()
    return int(row[0] or 0)


def newest_generation(connection: sqlite3.Connection) -> str:
    """That this laptop ever began anywhere; "" for none."""
    return str(connection.execute("SELECT max(generation) FROM replica_mark").fetchone()[0] or "")


def mark(connection: sqlite3.Connection, at: At) -> str:
    """A token for what is about to be written, known before it is there."""
    token = uuid.uuid4().hex
    with transaction(connection):
        connection.execute(
            "INSERT INTO replica_mark (token, generation, n) VALUES (?, ?, ?)", (token, at.generation, at.n)
        )
        connection.execute(
            "DELETE FROM replica_mark WHERE seq <= (SELECT max(seq) FROM replica_mark) - ?", (MARKS_MAX,)
        )
    return token


def confirm(connection: sqlite3.Connection, token: str, at: At) -> None:
    connection.execute("UPDATE replica_mark SET generation = ?, n = ? WHERE token = ?", (at.generation, at.n, token))


def laptop_name() -> str:
    return platform.node()[:100] or "laptop"


def _place(database: Path) -> str:
    machine = next((path.read_text() for path in MACHINE_FILES if path.is_file()), "") + platform.node()
    return hashlib.sha256(f"{machine} {database.resolve()}".encode()).hexdigest()[:32]
