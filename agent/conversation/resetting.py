"""Reset, rewind, trash, purge: what goes, what stays, and that no derived copy of the thread survives.

Purges run inside the transaction: a crash leaves caches missing, which is harmless, and never the other way round.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.conversation import threads
from agent.conversation.journal import drop_after, entry
from agent.library.provenance import made_in
from agent.protocol.records import ResetPreview


@dataclass(frozen=True, slots=True)
class Purge:
    """A derived copy of threads (snapshots, summaries, caches), how it is dropped for one of them, on which changes
    (most are untrue after any), and whether there is one: a preview names no other."""

    name: str
    drop: Callable[[sqlite3.Connection, str], None]
    on: frozenset[str] = frozenset({"reset", "edit", "trash", "undo", "redo", "purge"})
    holds: Callable[[sqlite3.Connection, str], bool] = lambda _connection, _conversation_id: True


def preview(connection: sqlite3.Connection, conversation_id: str, purges: Sequence[Purge]) -> ResetPreview:
    """What a reset would keep and drop at this moment; changes nothing."""
    messages = threads.get(connection, conversation_id).messages
    outbox = connection.execute(
        "SELECT count(DISTINCT outbox_id) FROM tool_call WHERE turn_id IN"
        " (SELECT id FROM turn WHERE conversation_id = ?)",
        (conversation_id,),
    ).fetchone()[0]
    return ResetPreview(
        conversation_id=conversation_id,
        messages=messages,
        keeps_artifacts=made_in(connection, conversation_id),
        keeps_outbox=outbox,
        drops_derived=tuple(
            purge.name for purge in purges if "reset" in purge.on and purge.holds(connection, conversation_id)
        ),
    )


def reset(connection: sqlite3.Connection, conversation_id: str, purges: Sequence[Purge], now_ms: int) -> None:
    """Empty the thread. A title that Carryon took from its messages goes with them, the user's own stays."""
    with entry(connection, conversation_id, "reset", now_ms):
        drop_after(connection, conversation_id, 0)
        connection.execute(
            "UPDATE conversation SET title = '', title_key = '' WHERE id = ? AND NOT title_is_own", (conversation_id,)
        )
        threads.touch(connection, conversation_id, now_ms)
        drop_derived(connection, conversation_id, purges, "reset")


def rewind(connection: sqlite3.Connection, message_id: str, purges: Sequence[Purge], now_ms: int) -> str:
    """Drop the turn of this message and all that follows; the conversation's id."""
    row = connection.execute(
        "SELECT conversation_id, coalesce((SELECT min(seq) FROM message m WHERE m.turn_id = message.turn_id), seq)"
        " AS first FROM message WHERE id = ?",
        (message_id,),
    ).fetchone()
    conversation_id = str(row["conversation_id"])
    with entry(connection, conversation_id, "edit", now_ms, takes_later=True):
        drop_after(connection, conversation_id, row["first"] - 1)
        threads.touch(connection, conversation_id, now_ms)
        drop_derived(connection, conversation_id, purges, "edit")
    return conversation_id


def trash(connection: sqlite3.Connection, conversation_id: str, purges: Sequence[Purge], now_ms: int) -> None:
    with entry(connection, conversation_id, "trash", now_ms):
        threads.set_trashed(connection, conversation_id, now_ms)
        drop_derived(connection, conversation_id, purges, "trash")


def drop_derived(connection: sqlite3.Connection, conversation_id: str, purges: Sequence[Purge], change: str) -> None:
    for purge in purges:
        if change in purge.on:
            purge.drop(connection, conversation_id)
