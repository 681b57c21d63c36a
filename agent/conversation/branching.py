"""A branch: a new conversation that begins as a copy of another up to one message.

Copied calls point to the same artifacts and outbox items; they are not carried out again.
"""

import sqlite3
import uuid

from agent.conversation import threads


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
    for row in rows:
        copy_id = renumbered[row["id"]] = str(uuid.uuid4())
        connection.execute(
            "INSERT INTO turn (id, conversation_id, owner, started_at, ended_at) VALUES (?, ?, ?, ?, ?)",
            (copy_id, branch_id, row["owner"], row["started_at"], row["ended_at"] or now_ms),
        )
        _copy_calls(connection, row["id"], copy_id)
    return renumbered


def _copy_calls(connection: sqlite3.Connection, turn_id: str, copy_id: str) -> None:
    rows = connection.execute("SELECT id FROM tool_call WHERE turn_id = ? ORDER BY seq", (turn_id,)).fetchall()
    for row in rows:
        connection.execute(
            "INSERT INTO tool_call (id, turn_id, tool, args, status, result, outbox_id, artifact_id, facts)"
            " SELECT ?, ?, tool, args, status, result, outbox_id, artifact_id, facts FROM tool_call WHERE id = ?",
            (str(uuid.uuid4()), copy_id, row["id"]),
        )


def _copy_messages(
    connection: sqlite3.Connection, source: str, seq: int, branch_id: str, renumbered: dict[str | None, str | None]
) -> None:
    rows = connection.execute(
        "SELECT id, turn_id FROM message WHERE conversation_id = ? AND seq <= ? ORDER BY seq", (source, seq)
    ).fetchall()
    for row in rows:
        connection.execute(
            "INSERT INTO message (id, conversation_id, turn_id, role, text, created_at, label, outcome, complete)"
            " SELECT ?, ?, ?, role, text, created_at, label, outcome, complete FROM message WHERE id = ?",
            (str(uuid.uuid4()), branch_id, renumbered[row["turn_id"]], row["id"]),
        )
