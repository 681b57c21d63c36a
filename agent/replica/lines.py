"""The lines of descent of one artifact's versions: which follows which, and which nobody has followed yet (the heads).

A number n counts arrival on this laptop and never changes here; another laptop may count otherwise. What a version is
called everywhere is its `uid`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping

from agent.replica.delta import MERGE, Cover, Line
from agent.replica.hlc import Stamp
from agent.replica.reading import LINES, line_of

Parents = Mapping[str, tuple[str, ...]]


def add(connection: sqlite3.Connection, artifact_id: str, line: Line) -> int:
    """A version more; the head is left as it is. Its number here."""
    row = connection.execute(
        "SELECT coalesce(max(n), 0) + 1 FROM artifact_version WHERE artifact_id = ?", (artifact_id,)
    ).fetchone()
    n = int(row[0])
    connection.execute(
        "INSERT INTO artifact_version (artifact_id, n, sha256, size_bytes, author, created_at, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (artifact_id, n, line.sha256, line.size_bytes, line.author, line.created_at, line.note),
    )
    connection.execute(
        "INSERT INTO version_line (uid, artifact_id, n, hlc, replica, parents) VALUES (?, ?, ?, ?, ?, ?)",
        (line.uid, artifact_id, n, line.stamp.hlc, line.stamp.replica, json.dumps(line.parents)),
    )
    return n


def note_sources(connection: sqlite3.Connection, artifact_id: str, n: int, sources: Iterable[str]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO artifact_source (artifact_id, n, source) VALUES (?, ?, ?)",
        [(artifact_id, n, source) for source in sources],
    )


def sources_of(connection: sqlite3.Connection, artifact_id: str, n: int) -> frozenset[str]:
    found = connection.execute(
        "SELECT source FROM artifact_source WHERE artifact_id = ? AND n = ?", (artifact_id, n)
    ).fetchall()
    return frozenset(row[0] for row in found)


def follow(connection: sqlite3.Connection, artifact_id: str) -> None:
    """The newest version becomes the head where all others lead to it; else the artifact is marked as open."""
    found = heads(connection, artifact_id)
    if len(found) > 1:
        connection.execute("INSERT OR IGNORE INTO version_open VALUES (?)", (artifact_id,))
    else:
        connection.execute("DELETE FROM version_open WHERE artifact_id = ?", (artifact_id,))
    row = connection.execute("SELECT head FROM artifact WHERE id = ?", (artifact_id,)).fetchone()
    if len(found) == 1 or (found and row[0] == 0):
        set_head(connection, artifact_id, found[-1][0])


def set_head(connection: sqlite3.Connection, artifact_id: str, uid: str) -> None:
    connection.execute(
        "UPDATE artifact SET head = n.n FROM version_line n WHERE n.uid = ? AND artifact.id = ? AND head <> n.n",
        (uid, artifact_id),
    )


def heads(connection: sqlite3.Connection, artifact_id: str) -> list[tuple[str, Stamp]]:
    """Versions that no other names as what it follows, oldest first. Never none, even where a hand-made folder holds
    a circle."""
    found = connection.execute(
        "SELECT uid, hlc, replica, uid NOT IN (SELECT p.value FROM version_line c, json_each(c.parents) p"
        " WHERE c.artifact_id = :id) AS is_head FROM version_line WHERE artifact_id = :id ORDER BY hlc, uid",
        {"id": artifact_id},
    ).fetchall()
    last = [row for row in found if row["is_head"]] or found[-1:]
    return [(row["uid"], Stamp(row["hlc"], row["replica"])) for row in last]


def has_gap(connection: sqlite3.Connection, artifact_id: str) -> bool:
    """Whether some version follows one that is not here (yet)."""
    row = connection.execute(
        "SELECT 1 FROM version_line c, json_each(c.parents) p WHERE c.artifact_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM version_line n WHERE n.uid = p.value) LIMIT 1",
        (artifact_id,),
    ).fetchone()
    return row is not None


def unknown_to(connection: sqlite3.Connection, artifact_id: str, cover: Cover, *, but_of: str = MERGE) -> bool:
    """Whether a person wrote a version that is not covered."""
    found = connection.execute(
        "SELECT replica, max(hlc) FROM version_line WHERE artifact_id = ? AND replica NOT IN (?, ?) GROUP BY replica",
        (artifact_id, MERGE, but_of),
    ).fetchall()
    return any(not covers(cover, Stamp(row[1], row[0])) for row in found)


def covers(cover: Cover, stamp: Stamp) -> bool:
    return stamp.hlc <= cover.get(stamp.replica, -1)


def all_of(connection: sqlite3.Connection, artifact_id: str) -> dict[str, Line]:
    """Without their sources."""
    found = connection.execute(f"{LINES} WHERE n.artifact_id = ?", (artifact_id,)).fetchall()
    return {row["uid"]: line_of(row, ()) for row in found}


def nearest_common(known: Mapping[str, Line], one: str, other: str) -> Line | None:
    """The newest version that both come from. A version is stamped later than what it follows, so the newest of the
    common ones has no other of them behind it; and each laptop finds the same."""
    common = _before(known, one) & _before(known, other)
    return max((known[uid] for uid in common), key=lambda line: (line.stamp.hlc, line.uid), default=None)


def _before(known: Mapping[str, Line], uid: str) -> set[str]:
    seen: set[str] = set()
    waiting = [uid]
    while waiting:
        at = waiting.pop()
        if at in known and at not in seen:
            seen.add(at)
            waiting.extend(known[at].parents)
    return seen
