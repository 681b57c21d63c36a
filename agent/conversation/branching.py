"""A branch: a new conversation that begins as a copy of another up to one message.

Copied calls point to the same artifacts and outbox items; they are not carried out again. Where a question or a call
names another call, the copy names that one's copy: what is answered or taken back here never settles a call there.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.conversation import summaries, threads
from agent.conversation.rounds import rounds_of, rounds_text
from agent.conversation.rows import plain
from agent.protocol.records import TRAIL

CALLS_NAMED = frozenset({"call_id", "instead_of", "replaced_by"})  # in a question, and in a call's trail


def branch(connection: sqlite3.Connection, message_id: str, now_ms: int) -> str:
    """The id of the new conversation. A turn that is cut in two has ended in the copy."""
    last = connection.execute("SELECT seq, conversation_id FROM message WHERE id = ?", (message_id,)).fetchone()
    source = last["conversation_id"]
    branch_id = threads.create(connection, "", now_ms, branch_of=source)
    _name_alike(connection, source, branch_id)
    renumbered = _copy_turns(connection, source, last["seq"], branch_id, now_ms)
    _copy_messages(connection, source, last["seq"], branch_id, renumbered)
    return branch_id


def _name_alike(connection: sqlite3.Connection, source: str, branch_id: str) -> None:
    connection.execute(
        "UPDATE conversation SET (title, title_key, title_is_own) ="
        " (SELECT title, title_key, title_is_own FROM conversation WHERE id = ?) WHERE id = ?",
        (source, branch_id),
    )


def _copy_turns(
    connection: sqlite3.Connection, source: str, seq: int, branch_id: str, now_ms: int
) -> dict[str | None, str | None]:
    """New ids by old ones."""
    rows = connection.execute(
        "SELECT DISTINCT t.* FROM turn t JOIN message m ON m.turn_id = t.id"
        " WHERE t.conversation_id = ? AND m.seq <= ? ORDER BY t.started_at",
        (source, seq),
    ).fetchall()
    renumbered: dict[str | None, str | None] = {None: None}
    copies = _copies(connection, [row["id"] for row in rows])
    for row in rows:
        copy_id = renumbered[row["id"]] = str(uuid.uuid4())
        connection.execute(
            "INSERT INTO turn (id, conversation_id, owner, started_at, ended_at, question, rounds)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (copy_id, branch_id, row["owner"], row["started_at"], row["ended_at"] or now_ms,
             _question(row["question"], copies), _rounds(row["rounds"], copies)),
        )  # fmt: skip
        _copy_calls(connection, row["id"], copy_id, copies)
    return renumbered


def _copies(connection: sqlite3.Connection, turn_ids: list[str]) -> dict[str, str]:
    """New ids of calls by old ones."""
    found = (
        connection.execute("SELECT id FROM tool_call WHERE turn_id = ?", (turn_id,)).fetchall() for turn_id in turn_ids
    )
    return {row["id"]: str(uuid.uuid4()) for rows in found for row in rows}


def _copy_calls(connection: sqlite3.Connection, turn_id: str, copy_id: str, copies: Mapping[str, str]) -> None:
    rows = connection.execute("SELECT id, facts FROM tool_call WHERE turn_id = ? ORDER BY seq", (turn_id,)).fetchall()
    for row in rows:
        connection.execute(
            "INSERT INTO tool_call (id, turn_id, tool, args, status, result, outbox_id, artifact_id, facts)"
            " SELECT ?, ?, tool, args, status, result, outbox_id, artifact_id, ? FROM tool_call WHERE id = ?",
            (copies[row["id"]], copy_id, _facts(row["facts"], copies), row["id"]),
        )


def _question(text: str | None, copies: Mapping[str, str]) -> str | None:
    return plain(_renamed(json.loads(text), copies)) if text else None


def _rounds(text: str | None, copies: Mapping[str, str]) -> str | None:
    """What the model wrote, naming the copies of its calls."""
    spoken = [
        replace(one, calls=tuple(replace(call, call_id=copies.get(call.call_id, "")) for call in one.calls))
        for one in rounds_of(text)
    ]
    return rounds_text(spoken)


def _facts(text: str, copies: Mapping[str, str]) -> str:
    facts = json.loads(text)
    return plain({**facts, TRAIL: _renamed(facts[TRAIL], copies)}) if TRAIL in facts else text


def _renamed(kept: Mapping[str, Any], copies: Mapping[str, str]) -> dict[str, Any]:
    """A call that was not copied is none here."""
    return {name: copies.get(value, "") if name in CALLS_NAMED else value for name, value in kept.items()}


def _copy_messages(
    connection: sqlite3.Connection, source: str, seq: int, branch_id: str, renumbered: dict[str | None, str | None]
) -> None:
    rows = connection.execute(
        "SELECT seq, id, turn_id FROM message WHERE conversation_id = ? AND seq <= ? ORDER BY seq", (source, seq)
    ).fetchall()
    ids = {str(row["id"]): str(uuid.uuid4()) for row in rows}
    places: dict[int, int] = {}
    for row in rows:
        added = connection.execute(
            "INSERT INTO message"
            " (id, conversation_id, turn_id, role, text, created_at, label, outcome, complete, sources)"
            " SELECT ?, ?, ?, role, text, created_at, label, outcome, complete, sources FROM message WHERE id = ?",
            (ids[row["id"]], branch_id, renumbered[row["turn_id"]], row["id"]),
        )
        assert added.lastrowid is not None
        places[row["seq"]] = added.lastrowid
    summaries.copy(connection, source, branch_id, places, ids)
