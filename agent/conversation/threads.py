"""The threads as such: find, begin, name, list, put to the trash. What is said in them is turns.py."""

import sqlite3
import uuid
from collections.abc import Iterable

from agent.conversation.errors import NoConversationError
from agent.conversation.rows import conversation_of
from agent.protocol.records import Conversation
from agent.store.texts import storable

TITLE_CHARACTERS_MAX = 200
AUTOMATIC_TITLE_CHARACTERS = 60

FIELDS = """
SELECT c.*, d.text AS draft, d.sources AS draft_sources,
    (SELECT count(*) FROM message WHERE conversation_id = c.id) AS messages,
    EXISTS (SELECT 1 FROM journal_entry WHERE conversation_id = c.id AND undone_at IS NULL AND redoes IS NULL)
        AS can_undo
FROM conversation c LEFT JOIN draft d ON d.place = c.id
"""


def get(connection: sqlite3.Connection, conversation_id: str) -> Conversation:
    row = connection.execute(f"{FIELDS} WHERE c.id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise NoConversationError(where=conversation_id, todo="Look at: carryon chat list")
    return conversation_of(row)


def listed(connection: sqlite3.Connection, *, trashed: bool, limit: int) -> tuple[Conversation, ...]:
    """Newest first."""
    rows = connection.execute(
        f"{FIELDS} WHERE (c.trashed_at IS NOT NULL) = ? ORDER BY c.updated_at DESC, c.rowid DESC LIMIT ?",
        (trashed, limit),
    )
    return tuple(conversation_of(row) for row in rows.fetchall())


def chosen(connection: sqlite3.Connection, ids: Iterable[str], *, trashed: bool) -> tuple[Conversation, ...]:
    """These, in this order, without those that are gone or on the other side of the trash."""
    found = []
    for conversation_id in ids:
        row = connection.execute(
            f"{FIELDS} WHERE c.id = ? AND (c.trashed_at IS NOT NULL) = ?", (conversation_id, trashed)
        ).fetchone()
        if row is not None:
            found.append(conversation_of(row))
    return tuple(found)


def create(connection: sqlite3.Connection, title: str, now_ms: int, *, branch_of: str | None = None) -> str:
    own = tidy(title)
    conversation_id = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO conversation (id, title, title_key, title_is_own, created_at, updated_at, branch_of)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (conversation_id, own, own.casefold(), bool(own), now_ms, now_ms, branch_of),
    )
    return conversation_id


def rename(connection: sqlite3.Connection, conversation_id: str, title: str) -> None:
    """An empty title gives the naming back to Carryon."""
    own = tidy(title)
    connection.execute(
        "UPDATE conversation SET title = ?, title_key = ?, title_is_own = ? WHERE id = ?",
        (own, own.casefold(), bool(own), conversation_id),
    )


def name_after(connection: sqlite3.Connection, conversation_id: str, text: str) -> None:
    """The automatic title: the beginning of the first message, unless there is a title."""
    title = shortened(text)
    connection.execute(
        "UPDATE conversation SET title = ?, title_key = ? WHERE id = ? AND title = ''",
        (title, title.casefold(), conversation_id),
    )


def touch(connection: sqlite3.Connection, conversation_id: str, now_ms: int) -> None:
    connection.execute("UPDATE conversation SET updated_at = ? WHERE id = ?", (now_ms, conversation_id))


def set_trashed(connection: sqlite3.Connection, conversation_id: str, trashed_at: int | None) -> None:
    connection.execute("UPDATE conversation SET trashed_at = ? WHERE id = ?", (trashed_at, conversation_id))


def tidy(title: str) -> str:
    return " ".join(storable(title).split())[:TITLE_CHARACTERS_MAX]


def shortened(text: str) -> str:
    words = tidy(text[: AUTOMATIC_TITLE_CHARACTERS * 4])
    if len(words) <= AUTOMATIC_TITLE_CHARACTERS:
        return words
    cut = words[:AUTOMATIC_TITLE_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"
