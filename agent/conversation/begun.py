"""Calls that another program was asked to carry out here: those of which nothing came back yet, and those that are in
doubt. What was let go by an edit or a reset stays in doubt: the journal remembers it.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from agent.conversation.rows import call_of
from agent.protocol.records import Call, CallStatus

SHOWN_MAX = 1_000


def standing(connection: sqlite3.Connection, status: CallStatus) -> tuple[Call, ...]:
    """`status`: begun or unknown. The oldest first, of the newest."""
    rows = connection.execute(
        "SELECT * FROM tool_call WHERE status IN ('begun', 'unknown') AND status = ? ORDER BY seq DESC LIMIT ?",
        (status, SHOWN_MAX),
    )
    return tuple(call_of(row) for row in reversed(rows.fetchall()))


def in_threads(connection: sqlite3.Connection, limit: int) -> tuple[tuple[str, str], ...]:
    """Conversation and call of what is in doubt, where the thread is open to be looked at; the oldest first."""
    rows = connection.execute(
        "SELECT conversation_id, tool_call.id FROM tool_call JOIN turn ON turn.id = turn_id"
        " JOIN conversation ON conversation.id = conversation_id"
        " WHERE status IN ('begun', 'unknown') AND status = 'unknown' AND trashed_at IS NULL"
        " ORDER BY tool_call.seq LIMIT ?",
        (limit,),
    )
    return tuple((row[0], row[1]) for row in rows.fetchall())


def doubted(connection: sqlite3.Connection, conversation_id: str, tool: str) -> tuple[Mapping[str, Any], ...]:
    """Arguments of the calls of this tool of which nobody knows whether they were carried out; also of those that an
    edit or a reset has taken out of the thread."""
    rows = connection.execute(
        "SELECT args FROM tool_call JOIN turn ON turn.id = turn_id WHERE status IN ('begun', 'unknown')"
        " AND conversation_id = ? AND tool = ?"
        " UNION ALL SELECT json_extract(was, '$.args') FROM journal_entry"
        " JOIN journal_change ON entry_id = journal_entry.id WHERE conversation_id = ? AND undone_at IS NULL"
        " AND place = 'tool_call' AND became IS NULL AND json_extract(was, '$.tool') = ?"
        " AND json_extract(was, '$.status') IN ('begun', 'unknown')",
        (conversation_id, tool, conversation_id, tool),
    )
    return tuple(json.loads(row["args"]) for row in rows.fetchall())
