"""Full-text search over the newest versions, best first.

The ranked part is a subquery with its own limit and nothing else in it: SQLite's index then sorts only what it must.
Kind, tag and trash are filtered outside. When too few are left, the rest follows unranked, newest first: ranking all
that match a common word takes a second in a large library.
"""

import sqlite3
from dataclasses import replace
from typing import Any

from agent.library import rows
from agent.protocol.records import Artifact
from agent.store.matching import Reading, excerpt, like, readings

FILTERED_TIMES = 10  # as many are ranked when a filter will drop some
PLAIN_SEARCH_ROWS_MAX = 5_000  # artifacts, newest first
BEGINNING_BYTES = 200  # a sign that is cut in two at the end is left out

FILTER = (
    "(a.trashed_at IS NOT NULL) = :trashed AND (:kind = '' OR a.kind = :kind)"
    " AND (:tag = '' OR EXISTS (SELECT 1 FROM json_each(a.tags) WHERE value = :tag))"
)
FIRST = f"""
SELECT a.seq FROM (
    SELECT rowid, {{place}} AS place FROM artifact_fts WHERE artifact_fts MATCH :match ORDER BY {{order}} LIMIT :first
) AS found JOIN artifact a ON a.seq = found.rowid
WHERE {FILTER} ORDER BY found.place LIMIT :limit
"""  # noqa: S608  our own text
REST = f"""
SELECT a.seq FROM artifact a
WHERE a.seq IN (SELECT rowid FROM artifact_fts WHERE artifact_fts MATCH :match) AND {FILTER}
ORDER BY a.updated_at DESC LIMIT :limit
"""  # noqa: S608
PLAIN = rf"""
SELECT a.seq FROM artifact_page p JOIN artifact a USING (seq)
WHERE a.seq IN (SELECT seq FROM artifact ORDER BY updated_at DESC LIMIT :rows)
    AND (p.title LIKE :like ESCAPE '\' OR p.body LIKE :like ESCAPE '\') AND {FILTER}
ORDER BY a.updated_at DESC LIMIT :limit
"""  # noqa: S608


def search(
    connection: sqlite3.Connection, query: str, *, kind: str, tag: str, trashed: bool, limit: int
) -> tuple[Artifact, ...]:
    """Signs that no index knows are looked for as they stand."""
    values = {"kind": kind, "tag": tag, "trashed": trashed, "limit": limit}
    for reading in readings(query):
        if seqs := _matching(connection, reading, values):
            return _shown(connection, query, seqs)
    return _shown(connection, query, _containing(connection, query, values))


def listed(connection: sqlite3.Connection, *, kind: str, tag: str, trashed: bool, limit: int) -> tuple[Artifact, ...]:
    """Newest first."""
    values = {"kind": kind, "tag": tag, "trashed": trashed, "limit": limit}
    found = rows.some(connection, f"{FILTER} ORDER BY a.updated_at DESC, a.seq DESC LIMIT :limit", values)
    return tuple(replace(artifact, snippet=_beginning(connection, artifact)) for artifact in found)


def _matching(connection: sqlite3.Connection, reading: Reading, values: dict[str, Any]) -> list[int]:
    limit = values["limit"]
    first = limit * FILTERED_TIMES if values["kind"] or values["tag"] else limit
    asked = {**values, "match": reading.match, "first": first}
    seqs = _seqs(connection, FIRST.format(place=reading.place, order=reading.order), asked)
    if len(seqs) < limit and _more(connection, asked):
        seqs = list(dict.fromkeys(seqs + _seqs(connection, REST, asked)))[:limit]
    return seqs


def _seqs(connection: sqlite3.Connection, sql: str, values: dict[str, Any]) -> list[int]:
    return [row[0] for row in connection.execute(sql, values).fetchall()]


def _more(connection: sqlite3.Connection, asked: dict[str, Any]) -> bool:
    """Whether there is something behind the first."""
    return bool(
        _seqs(connection, "SELECT 1 FROM artifact_fts WHERE artifact_fts MATCH :match LIMIT 1 OFFSET :first", asked)
    )


def _containing(connection: sqlite3.Connection, query: str, values: dict[str, Any]) -> list[int]:
    """Plain search in the newest artifacts, for signs and for scripts that are written without spaces."""
    return _seqs(connection, PLAIN, {**values, "rows": PLAIN_SEARCH_ROWS_MAX, "like": like(query)})


def _shown(connection: sqlite3.Connection, query: str, seqs: list[int]) -> tuple[Artifact, ...]:
    among = f"IN ({','.join(map(str, seqs))})"
    bodies = connection.execute(f"SELECT seq, body FROM artifact_page WHERE seq {among}").fetchall()  # noqa: S608
    found = connection.execute(f"{rows.FIELDS} WHERE a.seq {among}").fetchall()
    snippets = {row["seq"]: excerpt(row["body"] or "", query) for row in bodies}
    artifacts = {row["seq"]: rows.artifact_of(row, snippets[row["seq"]]) for row in found}
    return tuple(artifacts[seq] for seq in seqs)


def _beginning(connection: sqlite3.Connection, artifact: Artifact) -> str:
    row = connection.execute(
        "SELECT substr(b.content, 1, ?) FROM artifact_version v JOIN blob b USING (sha256)"
        " WHERE v.artifact_id = ? AND v.n = ? AND b.is_text",
        (BEGINNING_BYTES, artifact.id, artifact.head),
    ).fetchone()
    return " ".join((row[0] or b"").decode("utf-8", "ignore").split()) if row else ""
