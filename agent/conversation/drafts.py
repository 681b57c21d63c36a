"""What stands in a composer and was not sent: one text for each conversation and one for a conversation to come."""

import sqlite3

from agent.conversation.texts import bounded
from agent.store.texts import storable

NOT_BEGUN = ""


def save(connection: sqlite3.Connection, conversation_id: str | None, text: str, now_ms: int) -> None:
    """One statement, so it is its own transaction. An empty text takes the draft away."""
    place, kept = conversation_id or NOT_BEGUN, bounded(text, "draft")
    if kept:
        connection.execute(
            "INSERT INTO draft (place, text, saved_at) VALUES (?, ?, ?)"
            " ON CONFLICT (place) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at",
            (place, kept, now_ms),
        )
    else:
        connection.execute("DELETE FROM draft WHERE place = ?", (place,))


def load(connection: sqlite3.Connection, conversation_id: str | None) -> str:
    row = connection.execute("SELECT text FROM draft WHERE place = ?", (conversation_id or NOT_BEGUN,)).fetchone()
    return row[0] if row else ""


def forget_sent(connection: sqlite3.Connection, conversation_id: str | None, text: str) -> None:
    """The draft that became this message; one that says something else stays."""
    connection.execute(
        "DELETE FROM draft WHERE place = ? AND trim(text) = trim(?)", (conversation_id or NOT_BEGUN, storable(text))
    )
