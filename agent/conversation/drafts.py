"""What stands in a composer and was not sent: one text for each conversation and one for a conversation to come."""

import sqlite3
from collections.abc import Iterable

from agent.conversation.rows import sources_of, sources_text
from agent.conversation.texts import bounded
from agent.store.texts import storable

NOT_BEGUN = ""
CLOCK_SLACK_MS = 1_000
LOOKED_AT_MAX = 1_000  # messages since then


def save(
    connection: sqlite3.Connection, conversation_id: str | None, text: str, now_ms: int, sources: Iterable[str] = ()
) -> None:
    """One statement, so it is its own transaction. An empty text takes the draft away. `sources`: who wrote some of it
    besides the user."""
    place, kept = conversation_id or NOT_BEGUN, bounded(text, "draft")
    if kept:
        connection.execute(
            "INSERT INTO draft (place, text, saved_at, sources) VALUES (?, ?, ?, ?) ON CONFLICT (place) DO UPDATE"
            " SET text = excluded.text, saved_at = excluded.saved_at, sources = excluded.sources",
            (place, kept, now_ms, storable(sources_text(sources))),
        )
    else:
        connection.execute("DELETE FROM draft WHERE place = ?", (place,))


def load(connection: sqlite3.Connection, conversation_id: str | None) -> str:
    return load_lent(connection, conversation_id)[0]


def load_lent(connection: sqlite3.Connection, conversation_id: str | None) -> tuple[str, tuple[str, ...]]:
    """And who wrote some of it besides the user."""
    place = conversation_id or NOT_BEGUN
    row = connection.execute("SELECT text, sources FROM draft WHERE place = ?", (place,)).fetchone()
    return (row["text"], sources_of(row["sources"])) if row else ("", ())


def forget_sent(connection: sqlite3.Connection, conversation_id: str | None, text: str) -> None:
    """The draft that became this message; one that says something else stays."""
    connection.execute(
        "DELETE FROM draft WHERE place = ? AND trim(text) = trim(?)", (conversation_id or NOT_BEGUN, storable(text))
    )


def bring_back(
    connection: sqlite3.Connection, conversation_id: str | None, text: str, sent_at: int, now_ms: int,
    sources: Iterable[str] = (),
) -> bool:  # fmt: skip
    """A text that was sent and never became a message goes before what stands there. False when it is there already, or
    is a message after all; then nothing is done."""
    known = connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    place = conversation_id if known else None
    kept = storable(text)
    said = connection.execute(
        "SELECT text FROM message WHERE role = 'user' AND created_at >= ? ORDER BY seq DESC LIMIT ?",
        (sent_at - CLOCK_SLACK_MS, LOOKED_AT_MAX),
    ).fetchall()
    before, lent = load_lent(connection, place)
    if kept in before or any(row[0].strip() == kept.strip() for row in said):
        return False
    save(connection, place, f"{kept}\n\n{before}" if before else kept, now_ms, (*lent, *sources))
    return True
