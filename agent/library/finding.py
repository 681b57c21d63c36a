"""The thing that a person means by a title: exact, then as a beginning, then by its words, then nearly so.

Only one of a kind is sure. Whoever asks must ask back when there are several: a note in the wrong place is worse than
a question.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agent.library import rows
from agent.protocol.records import Artifact
from agent.store.matching import readings

CANDIDATES_MAX = 5
WORDS_FOUND_MAX = 200
LOOKED_AT_MAX = 2_000  # titles compared for likeness, newest first
LIKENESS_MIN = 0.6
LIKENESS_SURE = 0.8
LIKENESS_GAP = 0.1  # to the next best
MEANT = (
    "(:kinds = '' OR instr(:kinds, '|' || a.kind || '|')) AND a.trashed_at IS NULL"
    " AND NOT instr(:without, '|' || a.id || '|')"
)

Among = Mapping[str, str]  # which may be meant at all: the values of MEANT


@dataclass(frozen=True, slots=True)
class Finding:
    """`sure`: what was meant, where there is no doubt. `candidates`: what may have been meant, best first."""

    sure: Artifact | None
    candidates: tuple[Artifact, ...]


def find_by_title(
    connection: sqlite3.Connection, title: str, kinds: Sequence[str], without: Sequence[str] = ()
) -> Finding:
    """`without`: ids of those that are not meant, "no, the other one"."""
    key = " ".join(title.casefold().split())
    among = {"kinds": f"|{'|'.join(kinds)}|" if kinds else "", "without": f"|{'|'.join(without)}|"}
    if not key:
        return Finding(None, ())
    for step in (_exact, _beginning, _with_words):
        if found := _open_first(step(connection, key, among)):
            return Finding(found[0] if len(found) == 1 else None, found[:CANDIDATES_MAX])
    return _alike(connection, key, among)


def titles(connection: sqlite3.Connection, limit: int) -> tuple[str, ...]:
    """Of notes, documents and open tasks, newest first. Each kind is read in its index's order and no further."""
    page = (
        "SELECT title, updated_at FROM artifact a INDEXED BY artifact_by_kind WHERE kind = '{}' AND trashed_at IS NULL"
        "{} ORDER BY updated_at DESC LIMIT :most"
    )
    still_open = " AND NOT EXISTS (SELECT 1 FROM task WHERE artifact_id = a.id AND done_at IS NOT NULL)"
    pages = (page.format("note", ""), page.format("document", ""), page.format("task", still_open))
    found = connection.execute(
        f"SELECT title FROM ({' UNION ALL '.join(f'SELECT * FROM ({one})' for one in pages)})"  # noqa: S608  ours
        " ORDER BY updated_at DESC LIMIT :most",
        {"most": limit},
    )
    return tuple(row[0] for row in found.fetchall())


def _exact(connection: sqlite3.Connection, key: str, among: Among) -> tuple[Artifact, ...]:
    return rows.some(
        connection,
        f"a.title_key = :key AND {MEANT} ORDER BY a.updated_at DESC LIMIT :most",
        {**among, "key": key, "most": CANDIDATES_MAX + 1},
    )


def _beginning(connection: sqlite3.Connection, key: str, among: Among) -> tuple[Artifact, ...]:
    return rows.some(
        connection,
        f"a.title_key >= :key AND a.title_key < :end AND {MEANT} ORDER BY a.updated_at DESC LIMIT :most",
        {**among, "key": key, "end": key + "\U0010ffff", "most": CANDIDATES_MAX + 1},
    )


def _with_words(connection: sqlite3.Connection, key: str, among: Among) -> tuple[Artifact, ...]:
    """Every word stands in the title; the last one may be a beginning."""
    for reading in list(readings(key))[:2]:
        seqs = connection.execute(
            f"SELECT rowid FROM artifact_fts WHERE artifact_fts MATCH ? ORDER BY {reading.order} LIMIT ?",  # noqa: S608
            (f"title : ({reading.match})", WORDS_FOUND_MAX),
        ).fetchall()
        chosen = ",".join(str(row[0]) for row in seqs)
        rest = f"a.seq IN ({chosen}) AND {MEANT} ORDER BY a.updated_at DESC LIMIT :most"
        if found := rows.some(connection, rest, {**among, "most": CANDIDATES_MAX + 1}):
            return found
    return ()


def _alike(connection: sqlite3.Connection, key: str, among: Among) -> Finding:
    """Misspelt, or said a little differently."""
    titles = connection.execute(
        f"SELECT a.id, a.title_key FROM artifact a WHERE {MEANT} ORDER BY a.updated_at DESC LIMIT :most",  # noqa: S608
        {**among, "most": LOOKED_AT_MAX},
    ).fetchall()
    scored = sorted(((_likeness(key, row["title_key"]), row["id"]) for row in titles), reverse=True)
    near = [(score, artifact_id) for score, artifact_id in scored if score >= LIKENESS_MIN][:CANDIDATES_MAX]
    found = tuple(rows.get(connection, artifact_id) for _, artifact_id in near)
    clear = near and near[0][0] >= LIKENESS_SURE and (len(near) == 1 or near[0][0] - near[1][0] >= LIKENESS_GAP)
    return Finding(found[0] if clear else None, found)


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other)
    if matcher.real_quick_ratio() < LIKENESS_MIN or matcher.quick_ratio() < LIKENESS_MIN:
        return 0.0
    return matcher.ratio()


def _open_first(found: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """Tasks that are done stand back while there is an open one."""
    still_open = tuple(artifact for artifact in found if not artifact.data.get("done"))
    return still_open or found
