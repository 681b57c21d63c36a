"""Full-text search over the newest versions, best first.

The ranked part is a subquery with its own limit and nothing else in it: SQLite's index then sorts only what it must.
Kind, tag and trash are filtered outside; when too few are left, the ranked part is asked for more.
"""

import sqlite3
from dataclasses import replace
from typing import Any

from agent.library import rows
from agent.protocol.records import Artifact
from agent.store.matching import all_words, any_word, like

RANKED_FIRST = 200
RANKED_MAX = 51_200
PLAIN_SEARCH_ROWS_MAX = 5_000  # artifacts, newest first
SNIPPET_WORDS = 16
BODY = 2  # its column in the index
SNIPPET_CHARACTERS = 120

FILTER = (
    "(a.trashed_at IS NOT NULL) = :trashed AND (:kind = '' OR a.kind = :kind)"
    " AND (:tag = '' OR EXISTS (SELECT 1 FROM json_each(a.tags) WHERE value = :tag))"
)
RANKED = f"""
SELECT a.seq FROM (
    SELECT rowid, rank FROM artifact_fts WHERE artifact_fts MATCH :query ORDER BY rank LIMIT :ranked
) AS found JOIN artifact a ON a.seq = found.rowid
WHERE {FILTER} ORDER BY found.rank LIMIT :limit
"""  # noqa: S608  our own text
# The snippet is cut only for what is shown.
SHOWN = (
    rows.FIELDS.replace(
        "SELECT a.*", f"SELECT a.*, snippet(artifact_fts, {BODY}, '**', '**', '…', {SNIPPET_WORDS}) AS snippet", 1
    )
    + " JOIN artifact_fts ON artifact_fts.rowid = a.seq WHERE artifact_fts MATCH :query AND a.seq = :seq"
)


def search(
    connection: sqlite3.Connection, query: str, *, kind: str, tag: str, trashed: bool, limit: int
) -> tuple[Artifact, ...]:
    """Every word; if that finds nothing, any word; signs that no index knows are looked for as they stand."""
    values = {"kind": kind, "tag": tag, "trashed": trashed, "limit": limit}
    for match in (all_words(query), any_word(query)):
        found = _ranked(connection, match, values) if match else ()
        if found:
            return found
    return _containing(connection, query, values)


def listed(connection: sqlite3.Connection, *, kind: str, tag: str, trashed: bool, limit: int) -> tuple[Artifact, ...]:
    """Newest first."""
    values = {"kind": kind, "tag": tag, "trashed": trashed, "limit": limit}
    found = rows.some(connection, f"{FILTER} ORDER BY a.updated_at DESC, a.seq DESC LIMIT :limit", values)
    return tuple(_with_beginning(connection, artifact) for artifact in found)


def _ranked(connection: sqlite3.Connection, match: str, values: dict[str, Any]) -> tuple[Artifact, ...]:
    asked: dict[str, Any] = {**values, "query": match, "ranked": max(RANKED_FIRST, values["limit"])}
    while True:
        seqs = [row[0] for row in connection.execute(RANKED, asked).fetchall()]
        if len(seqs) >= values["limit"] or asked["ranked"] >= RANKED_MAX or _all_ranked(connection, asked):
            break
        asked["ranked"] = min(asked["ranked"] * 16, RANKED_MAX)
    return tuple(_shown(connection, match, seq) for seq in seqs)


def _all_ranked(connection: sqlite3.Connection, asked: dict[str, Any]) -> bool:
    """Whether there is nothing behind what was ranked."""
    row = connection.execute(
        "SELECT 1 FROM artifact_fts WHERE artifact_fts MATCH :query LIMIT 1 OFFSET :ranked", asked
    ).fetchone()
    return row is None


def _shown(connection: sqlite3.Connection, match: str, seq: int) -> Artifact:
    row = connection.execute(SHOWN, {"query": match, "seq": seq}).fetchone()
    return rows.artifact_of(row, " ".join(row["snippet"].split()))


def _containing(connection: sqlite3.Connection, query: str, values: dict[str, Any]) -> tuple[Artifact, ...]:
    """Plain search in the newest artifacts, for signs and for scripts that are written without spaces."""
    found = connection.execute(
        "SELECT seq FROM artifact_page WHERE seq IN (SELECT seq FROM artifact ORDER BY updated_at DESC LIMIT :rows)"
        " AND (title LIKE :like ESCAPE '\\' OR body LIKE :like ESCAPE '\\')",
        {"rows": PLAIN_SEARCH_ROWS_MAX, "like": like(query)},
    ).fetchall()
    chosen = ",".join(str(row[0]) for row in found)
    return rows.some(connection, f"a.seq IN ({chosen}) AND {FILTER} ORDER BY a.updated_at DESC LIMIT :limit", values)


def _with_beginning(connection: sqlite3.Connection, artifact: Artifact) -> Artifact:
    row = connection.execute(
        "SELECT coalesce(substr(CAST(substr(b.content, 1, :bytes) AS TEXT), 1, :characters), '') FROM artifact_version v"
        " JOIN blob b USING (sha256) WHERE v.artifact_id = :id AND v.n = :n AND b.is_text",
        {"id": artifact.id, "n": artifact.head, "bytes": SNIPPET_CHARACTERS * 4, "characters": SNIPPET_CHARACTERS},
    ).fetchone()
    return replace(artifact, snippet=" ".join(row[0].split())) if row else artifact
