"""What of a piece of work nobody here wrote: the pages, files and servers that were read before it was made, in words.

Kept for each version and carried on to the next, because a text that was taken over does not become the user's own by
an edit. Whoever reads such work is told, so that strangers' words are known as such in another conversation too.
"""

import json
import sqlite3
from collections.abc import Iterable

SOURCES_MAX = 20  # of one version; more than a card can show
SOURCE_CHARACTERS_MAX = 200
ASKED_MAX = 1_000  # pieces of work at once

TABLE = """
CREATE TABLE artifact_source (
    artifact_id TEXT NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (artifact_id, n, source)
) WITHOUT ROWID;
"""


def tidy(sources: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line, within the bounds."""
    lines = (" ".join(source.split())[:SOURCE_CHARACTERS_MAX] for source in sources)
    return tuple(dict.fromkeys(line for line in lines if line))[:SOURCES_MAX]


def note(connection: sqlite3.Connection, artifact_id: str, n: int, sources: Iterable[str]) -> None:
    rows = [(artifact_id, n, source) for source in tidy(sources)]
    connection.executemany("INSERT OR IGNORE INTO artifact_source (artifact_id, n, source) VALUES (?, ?, ?)", rows)


def carry(connection: sqlite3.Connection, artifact_id: str, older: int, newer: int) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO artifact_source (artifact_id, n, source)"
        " SELECT artifact_id, ?, source FROM artifact_source WHERE artifact_id = ? AND n = ? LIMIT ?",
        (newer, artifact_id, older, SOURCES_MAX),
    )


def of(connection: sqlite3.Connection, artifact_ids: Iterable[str]) -> tuple[str, ...]:
    """Of the newest versions of these."""
    asked = json.dumps(list(dict.fromkeys(artifact_ids))[:ASKED_MAX])
    found = connection.execute(
        "SELECT DISTINCT s.source FROM artifact_source s JOIN artifact a ON a.id = s.artifact_id AND a.head = s.n"
        " WHERE a.id IN (SELECT value FROM json_each(?)) ORDER BY s.source LIMIT ?",
        (asked, SOURCES_MAX),
    )
    return tuple(row[0] for row in found.fetchall())
