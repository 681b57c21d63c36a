"""Deltas out of the database: what has changed since a `seq`, in pieces that fit into one file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.replica.delta import Delta, Field, Life, Line
from agent.replica.hlc import Stamp

ROWS_MAX = 500  # of the log, in one piece
CONTENT_BYTES_MAX = 2 * 1024 * 1024  # likewise, unless a single version is larger

CHANGED = """
SELECT l.seq, l.artifact_id, l.what, l.key, coalesce(v.size_bytes, 0) AS size FROM op_log l
LEFT JOIN version_line n ON l.what = 'version' AND n.uid = l.key
LEFT JOIN artifact_version v ON v.artifact_id = n.artifact_id AND v.n = n.n
WHERE l.seq > ? AND l.via <> ? ORDER BY l.seq LIMIT ?
"""
ARTIFACT = """
SELECT a.*, t.artifact_id AS task, t.said AS task_said, t.due_at, t.done_at,
    e.artifact_id AS event, e.said AS event_said, e.starts_at, e.ends_at, e.all_day, e.zone
FROM artifact a LEFT JOIN task t ON t.artifact_id = a.id LEFT JOIN event e ON e.artifact_id = a.id WHERE a.id = ?
"""
LINES = """
SELECT n.*, v.sha256, v.size_bytes, v.author, v.created_at, v.note FROM version_line n
JOIN artifact_version v ON v.artifact_id = n.artifact_id AND v.n = n.n
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """`until`: the last `seq` that it covers."""

    deltas: tuple[Delta, ...]
    until: int


def newest_seq(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM replica").fetchone()
    return int(row[0]) if row else 0


def changes(connection: sqlite3.Connection, since: int, but_via: str) -> Iterator[Piece]:
    """`but_via`: what came from there is known there."""
    while rows := _rows(connection, since, but_via):
        uids: dict[str, list[str]] = {}
        for row in rows:
            uids.setdefault(row["artifact_id"], []).extend([row["key"]] if row["what"] == "version" else [])
        since = rows[-1]["seq"]
        for artifact_id in [it for it, keys in uids.items() if not keys]:
            uids[artifact_id] = _newest(connection, artifact_id, since, but_via)
        yield Piece(tuple(_delta(connection, artifact_id, keys) for artifact_id, keys in uids.items()), since)


def _newest(connection: sqlite3.Connection, artifact_id: str, since: int, but_via: str) -> list[str]:
    """The newest version where it is told later only: nobody gets a title without anything behind it meanwhile."""
    found = connection.execute(
        "SELECT n.uid FROM artifact a JOIN version_line n ON n.artifact_id = a.id AND n.n = a.head"
        " JOIN op_log l ON l.artifact_id = a.id AND l.what = 'version' AND l.key = n.uid"
        " WHERE a.id = ? AND l.seq > ? AND l.via <> ?",
        (artifact_id, since, but_via),
    )
    return [row[0] for row in found.fetchall()]


def waiting(connection: sqlite3.Connection, since: int, but_via: str) -> int:
    """How many artifacts have something that is not told there yet."""
    found = connection.execute(
        "SELECT count(DISTINCT artifact_id) FROM op_log WHERE seq > ? AND via <> ?", (since, but_via)
    )
    return int(found.fetchone()[0])


def _rows(connection: sqlite3.Connection, since: int, but_via: str) -> list[sqlite3.Row]:
    """The version at which they end goes along where its artifact does: `_newest` would tell it now, and again then."""
    rows = connection.execute(CHANGED, (since, but_via, ROWS_MAX)).fetchall()
    total = 0
    for count, row in enumerate(rows):
        total += row["size"]
        if count and total > CONTENT_BYTES_MAX:
            told = {it["artifact_id"] for it in rows[:count]}
            return rows[: count + (row["artifact_id"] in told)]
    return rows


def _delta(connection: sqlite3.Connection, artifact_id: str, uids: Iterable[str]) -> Delta:
    log = {
        row["what"]: row
        for row in connection.execute(
            "SELECT * FROM op_log WHERE artifact_id = ? AND what <> 'version'", (artifact_id,)
        ).fetchall()
    }
    row = connection.execute(ARTIFACT, (artifact_id,)).fetchone()
    life = Life(stamp_of(log["life"]), row is None, cover_of(log["life"])) if "life" in log else None
    if row is None:
        return Delta(artifact_id, life)
    values = _values(row).items()
    fields = {name: Field(stamp_of(log[name]), value, cover_of(log[name])) for name, value in values if name in log}
    lines = tuple(_lines(connection, artifact_id, uids))
    return Delta(
        artifact_id, life, row["kind"], row["created_at"], row["updated_at"], json.loads(row["data"]), fields,
        dots_of(connection, artifact_id), lines,
    )  # fmt: skip


def value_of(connection: sqlite3.Connection, artifact_id: str, name: str) -> Any:
    """Of a field, as it stands here."""
    return _values(connection.execute(ARTIFACT, (artifact_id,)).fetchone())[name]


def _values(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "title": row["title"], "trash": row["trashed_at"], "due": [row["task_said"], row["due_at"]],
        "done": row["done_at"],
        "event": [row["event_said"], row["starts_at"], row["ends_at"], row["all_day"], row["zone"]],
    }  # fmt: skip


def _lines(connection: sqlite3.Connection, artifact_id: str, uids: Iterable[str]) -> Iterator[Line]:
    asked = json.dumps(list(uids))
    sources: dict[int, list[str]] = {}
    for n, source in connection.execute(
        "SELECT n, source FROM artifact_source WHERE artifact_id = ?", (artifact_id,)
    ).fetchall():
        sources.setdefault(n, []).append(source)
    wanted = f"{LINES} WHERE n.uid IN (SELECT value FROM json_each(?)) AND n.artifact_id = ? ORDER BY n.n"  # noqa: S608
    for row in connection.execute(wanted, (asked, artifact_id)).fetchall():
        yield line_of(row, tuple(sources.get(row["n"], ())))


def line_of(row: sqlite3.Row, sources: tuple[str, ...]) -> Line:
    return Line(
        row["uid"], tuple(json.loads(row["parents"])), stamp_of(row), row["sha256"], row["size_bytes"], row["author"],
        row["created_at"], row["note"], sources,
    )  # fmt: skip


def dots_of(connection: sqlite3.Connection, artifact_id: str) -> dict[str, dict[str, tuple[int, int]]]:
    dots: dict[str, dict[str, tuple[int, int]]] = {}
    for row in connection.execute("SELECT * FROM tag_dot WHERE artifact_id = ?", (artifact_id,)).fetchall():
        dots.setdefault(row["tag"], {})[row["replica"]] = (row["added"], row["removed"])
    return dots


def stamp_of(row: sqlite3.Row) -> Stamp:
    return Stamp(row["hlc"], row["replica"])


def cover_of(row: sqlite3.Row) -> Mapping[str, int]:
    cover: dict[str, int] = json.loads(row["cover"] or "{}")
    return cover
