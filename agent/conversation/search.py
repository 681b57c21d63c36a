"""Search over all that was said: SQLite's full-text index, best first; titles count before words.

The ranked part is a subquery with its own limit and nothing else in it, so that the index sorts only what it must; what
is in the trash is filtered outside.
"""

import sqlite3
from dataclasses import dataclass

from agent.conversation import threads
from agent.protocol.records import Conversation
from agent.store.matching import all_words, any_word, like

RANKED_MAX = 2_000
SNIPPET_WORDS = 16


@dataclass(frozen=True, slots=True)
class Passage:
    """Where in a conversation the words were found; `snippet` marks them with ** around."""

    conversation_id: str
    title: str
    message_id: str
    role: str
    snippet: str
    created_at: int


RANKED = """
SELECT m.conversation_id, m.id, m.role, m.created_at, c.title, found.snippet
FROM (
    SELECT rowid, rank, snippet(message_fts, 0, '**', '**', '…', :words) AS snippet
    FROM message_fts WHERE message_fts MATCH :query ORDER BY rank LIMIT :ranked
) AS found
JOIN message m ON m.seq = found.rowid JOIN conversation c ON c.id = m.conversation_id
WHERE (c.trashed_at IS NOT NULL) = :trashed
ORDER BY found.rank LIMIT :limit
"""

# No snippets here: most of what is ranked is never shown.
THREADS = """
SELECT m.conversation_id FROM (
    SELECT rowid, rank FROM message_fts WHERE message_fts MATCH :query ORDER BY rank LIMIT :ranked
) AS found JOIN message m ON m.seq = found.rowid
GROUP BY m.conversation_id ORDER BY min(found.rank)
"""


def passages(connection: sqlite3.Connection, query: str, *, trashed: bool, limit: int) -> tuple[Passage, ...]:
    for match in (all_words(query), any_word(query)):
        rows = _ranked(connection, RANKED, match, limit=limit, trashed=trashed) if match else []
        if rows:
            return tuple(
                Passage(row["conversation_id"], row["title"], row["id"], row["role"], row["snippet"], row["created_at"])
                for row in rows
            )
    return ()


def conversations(connection: sqlite3.Connection, query: str, *, trashed: bool, limit: int) -> tuple[Conversation, ...]:
    """Every word; if that finds nothing, any word; signs that no index knows are looked for as they stand."""
    ids = _titled(connection, query, limit)
    for match in (all_words(query), any_word(query)):
        ids += [row[0] for row in _ranked(connection, THREADS, match, limit=limit)] if match else []
        if ids:
            break
    if not ids:
        ids = _containing(connection, query, limit)
    return threads.chosen(connection, dict.fromkeys(ids), trashed=trashed)[:limit]


def _ranked(
    connection: sqlite3.Connection, sql: str, match: str, *, limit: int, trashed: bool = False
) -> list[sqlite3.Row]:
    values = {"query": match, "ranked": RANKED_MAX, "limit": limit, "trashed": trashed, "words": SNIPPET_WORDS}
    return connection.execute(sql, values).fetchall()


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
