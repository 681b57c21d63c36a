"""When corrections go with their thread. Each holds words of it, so whatever lets go of the thread lets go of them.

An edit does not: it is itself the correction. Taking an edit back says that the first reading was right after all.
"""

import sqlite3

from agent.conversation import Purge
from agent.corrections.records import How


def drop_all(connection: sqlite3.Connection, conversation_id: str) -> None:
    connection.execute("DELETE FROM correction WHERE conversation_id = ?", (conversation_id,))


def drop_asked_again(connection: sqlite3.Connection, conversation_id: str) -> None:
    connection.execute(
        "DELETE FROM correction WHERE conversation_id = ? AND how = ?", (conversation_id, How.ASKED_AGAIN.value)
    )


def holds_any(connection: sqlite3.Connection, conversation_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM correction WHERE conversation_id = ? LIMIT 1", (conversation_id,))
    return found.fetchone() is not None


PURGES = (
    Purge("what you corrected here", drop_all, on=frozenset({"reset", "trash", "purge"}), holds=holds_any),
    Purge("what you asked again", drop_asked_again, on=frozenset({"undo", "redo"})),
)
