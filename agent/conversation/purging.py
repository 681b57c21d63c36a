"""For good: no row, no index entry, no page and no log of the database remembers the conversation."""

import sqlite3
from collections.abc import Sequence

from agent.conversation.resetting import Purge, drop_derived
from agent.store.transaction import transaction


def purge(connection: sqlite3.Connection, conversation_id: str, purges: Sequence[Purge]) -> None:
    """Deleted pages are overwritten (secure_delete); the search index is merged, because it would keep the words of a
    deleted row until then; the log is folded in and cut."""
    with transaction(connection):
        drop_derived(connection, conversation_id, purges, "purge")
        connection.execute("DELETE FROM draft WHERE place = ?", (conversation_id,))
        connection.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))
        connection.execute("INSERT INTO message_fts(message_fts) VALUES ('optimize')")
    if not connection.in_transaction:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
