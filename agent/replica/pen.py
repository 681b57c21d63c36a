"""Writing into the library in another laptop's name: the triggers keep still, and the log is written by hand."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from agent.replica.delta import Cover, Life
from agent.replica.hlc import Stamp
from agent.replica.reading import cover_of, stamp_of
from agent.store.transaction import transaction

LOGGED = """
INSERT INTO op_log (artifact_id, what, key, seq, hlc, replica, cover, via)
SELECT :id, :what, :key, r.seq, :hlc, :replica, :cover, :via FROM replica r WHERE true
ON CONFLICT DO UPDATE SET seq = excluded.seq, hlc = excluded.hlc, replica = excluded.replica, cover = excluded.cover,
    via = excluded.via
"""


@contextmanager
def pen(connection: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is not stamped as ours."""
    with transaction(connection):
        connection.execute("INSERT INTO replica_pen VALUES (1)")
        yield
        connection.execute("DELETE FROM replica_pen")


def log(
    connection: sqlite3.Connection, artifact_id: str, what: str, key: str, stamp: Stamp, via: str,
    cover: Cover | None = None,
) -> None:  # fmt: skip
    """`via`: the folder that knows it; "": it is to be told everywhere."""
    connection.execute("UPDATE replica SET seq = seq + 1")
    values = {"id": artifact_id, "what": what, "key": key, "hlc": stamp.hlc, "replica": stamp.replica, "via": via}
    connection.execute(LOGGED, {**values, "cover": json.dumps(dict(cover)) if cover else ""})


def known_there(connection: sqlite3.Connection, artifact_id: str, what: str, key: str, via: str) -> None:
    connection.execute(
        "UPDATE op_log SET via = ? WHERE artifact_id = ? AND what = ? AND key = ? AND via <> ?",
        (via, artifact_id, what, key, via),
    )


def logged(connection: sqlite3.Connection, artifact_id: str, what: str, key: str = "") -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM op_log WHERE artifact_id = ? AND what = ? AND key = ?", (artifact_id, what, key)
    ).fetchone()
    return row


def log_life(connection: sqlite3.Connection, artifact_id: str, life: Life, via: str) -> None:
    log(connection, artifact_id, "life", "", life.stamp, via, life.cover)


def life_of(connection: sqlite3.Connection, artifact_id: str) -> Life | None:
    """None: nobody ever deleted it for good."""
    row = logged(connection, artifact_id, "life")
    if row is None:
        return None
    return Life(stamp_of(row), title_of(connection, artifact_id) is None, cover_of(row))


def title_of(connection: sqlite3.Connection, artifact_id: str) -> str | None:
    row = connection.execute("SELECT title FROM artifact WHERE id = ?", (artifact_id,)).fetchone()
    return str(row[0]) if row else None


def retell(connection: sqlite3.Connection, artifact_id: str) -> None:
    """All of it, everywhere; each row with a `seq` of its own, since files are filled row by row."""
    connection.execute(
        "UPDATE op_log SET via = '', seq = n.seq FROM ("
        " SELECT what, key, (SELECT seq FROM replica) + row_number() OVER (ORDER BY seq, what, key) AS seq"
        " FROM op_log WHERE artifact_id = :id) n"
        " WHERE op_log.artifact_id = :id AND op_log.what = n.what AND op_log.key = n.key",
        {"id": artifact_id},
    )
    connection.execute(
        "UPDATE replica SET seq = seq + (SELECT count(*) FROM op_log WHERE artifact_id = ?)", (artifact_id,)
    )


def revive(connection: sqlite3.Connection, artifact_id: str) -> None:
    """Alive from now on, and told anew as a whole: others may have let go of it."""
    was = logged(connection, artifact_id, "life")
    connection.execute("UPDATE replica SET hlc = hlc + 1")
    retell(connection, artifact_id)
    own = connection.execute("SELECT id, hlc FROM replica").fetchone()
    stamp = Stamp(max(own["hlc"], was["hlc"] + 1 if was else 0), own["id"])
    log_life(connection, artifact_id, Life(stamp, purged=False, cover={}), "")
