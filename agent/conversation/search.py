"""Search over all that was said: SQLite's full-text index, best first; titles count before words.

The ranked part is a subquery with its own limit and nothing else in it, so that the index sorts only what it must; what
is in the trash is filtered outside.
"""

import sqlite3
from dataclasses import dataclass

from agent.conversation import threads
from agent.protocol.records import Conversation
from agent.store.matching import excerpt, like, readings

RANKED_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Passage:
    """Where in a conversation the words were found; `snippet` marks them with ** around."""

    conversation_id: str
    title: str
    message_id: str
    role: str
    snippet: str
    created_at: int


PASSAGES = """
SELECT m.conversation_id, m.id, m.role, m.text, m.created_at, c.title
FROM (
    SELECT rowid, {place} AS place FROM message_fts WHERE message_fts MATCH :match ORDER BY {order} LIMIT :first
) AS found
JOIN message m ON m.seq = found.rowid JOIN conversation c ON c.id = m.conversation_id
WHERE (c.trashed_at IS NOT NULL) = :trashed
ORDER BY found.place LIMIT :limit
"""
THREADS = """
SELECT m.conversation_id
FROM (
    SELECT rowid, {place} AS place FROM message_fts WHERE message_fts MATCH :match ORDER BY {order} LIMIT :first
) AS found
JOIN message m ON m.seq = found.rowid JOIN conversation c ON c.id = m.conversation_id
WHERE (c.trashed_at IS NOT NULL) = :trashed
GROUP BY m.conversation_id ORDER BY min(found.place) LIMIT :limit
"""


def passages(connection: sqlite3.Connection, query: str, *, trashed: bool, limit: int) -> tuple[Passage, ...]:
    rows = _ranked(connection, PASSAGES, query, trashed=trashed, limit=limit)
    return tuple(
        Passage(
            row["conversation_id"], row["title"], row["id"], row["role"], excerpt(row["text"], query), row["created_at"]
        )
        for row in rows
    )


def conversations(connection: sqlite3.Connection, query: str, *, trashed: bool, limit: int) -> tuple[Conversation, ...]:
    """Signs that no index knows are looked for as they stand."""
    ids = _titled(connection, query, limit)
    ids += [row[0] for row in _ranked(connection, THREADS, query, trashed=trashed, limit=limit)]
    if not ids:
        ids = _containing(connection, query, limit)
    return threads.chosen(connection, dict.fromkeys(ids), trashed=trashed)[:limit]


def _ranked(connection: sqlite3.Connection, sql: str, query: str, *, trashed: bool, limit: int) -> list[sqlite3.Row]:
    for reading in readings(query):
        values = {"match": reading.match, "first": RANKED_MAX, "trashed": trashed, "limit": limit}
        ordered = sql.format(place=reading.place, order=reading.order)
        if found := connection.execute(ordered, values).fetchall():
            return found
    return []


def _titled(connection: sqlite3.Connection, query: str, limit: int) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM conversation WHERE title_key LIKE ? ESCAPE '\\' ORDER BY updated_at DESC LIMIT ?",
        (like(query.casefold()), limit),
    )
    return [row[0] for row in rows.fetchall()]


def _containing(connection: sqlite3.Connection, query: str, limit: int) -> list[str]:
    """Plain search in the newest messages, for signs and for scripts that are written without spaces."""
    rows = connection.execute(
        "SELECT DISTINCT conversation_id FROM (SELECT * FROM message ORDER BY seq DESC LIMIT ?)"
        " WHERE text LIKE ? ESCAPE '\\' LIMIT ?",
        (RANKED_MAX, like(query), limit),
    )
    return [row[0] for row in rows.fetchall()]
