"""Undo is recorded, never written by hand for a feature.

While an entry is open, triggers (schema.py) store what every row was and became, before the change and in the same
transaction. Undo plays that back in reverse and is recorded likewise, so that it can be taken back too. A column that
was changed again since keeps its newer value: a thread renamed after a reset keeps its name through the undo.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agent.conversation import summaries
from agent.conversation.errors import CannotUndoError
from agent.store.transaction import transaction

ENTRIES_MAX = 50  # of one conversation
KEPT_MS = 30 * 86_400_000  # after that a change can no longer be taken back
KEYS = {"conversation": "id", "turn": "id", "message": "seq", "tool_call": "seq", "summary": "id"}


@contextmanager
def entry(
    connection: sqlite3.Connection, conversation_id: str, kind: str, now_ms: int, *, takes_later: bool = False
) -> Iterator[None]:
    """Everything that changes inside the block is one entry. `takes_later`: what was said after it goes with it when
    it is taken back (the answers to an edited message), instead of staying behind."""
    with transaction(connection):
        _forget_redoable(connection, conversation_id)
        with _pen(connection, _begin(connection, conversation_id, kind, now_ms, takes_later=takes_later)):
            yield
        _forget_old(connection, conversation_id, now_ms)


@contextmanager
def joined(connection: sqlite3.Connection, conversation_id: str, kind: str, now_ms: int) -> Iterator[None]:
    """As `entry`; but where the newest entry takes what came after it along (an edit), what changes here is part of
    it, so that one undo takes back both."""
    with transaction(connection):
        newest = _newest(connection, conversation_id, "undone_at IS NULL AND redoes IS NULL")
        if newest is None or not newest["takes_later"]:
            with entry(connection, conversation_id, kind, now_ms):
                yield
            return
        _forget_redoable(connection, conversation_id)
        with _pen(connection, newest["id"]):
            yield


def undo(connection: sqlite3.Connection, conversation_id: str, now_ms: int) -> str:
    """Take back the newest entry that stands."""
    with transaction(connection):
        found = _newest(connection, conversation_id, "undone_at IS NULL AND redoes IS NULL")
        if found is None:
            raise CannotUndoError()
        back = _begin(connection, conversation_id, found["kind"], now_ms, redoes=found["id"])
        with _pen(connection, back):
            if found["takes_later"]:
                drop_after(connection, conversation_id, found["last_seq"])
            _replay(connection, found["id"])
        connection.execute("UPDATE journal_entry SET undone_at = ? WHERE id = ?", (now_ms, found["id"]))
    return str(found["kind"])


def redo(connection: sqlite3.Connection, conversation_id: str) -> str:
    """Do again what was taken back last, as long as nothing was said since."""
    with transaction(connection):
        found = _newest(connection, conversation_id, "redoes IS NOT NULL")
        if found is None:
            raise CannotUndoError("There is nothing to do again in this conversation.")
        if _said_since(connection, conversation_id, found["last_seq"]):
            raise CannotUndoError("You have written in this conversation since; it can no longer be done again.")
        again = found["redoes"]
        connection.execute("DELETE FROM journal_change WHERE entry_id = ?", (again,))
        with _pen(connection, again):
            _replay(connection, found["id"])
        connection.execute("DELETE FROM journal_entry WHERE id = ?", (found["id"],))
        connection.execute("UPDATE journal_entry SET undone_at = NULL WHERE id = ?", (again,))
    return str(found["kind"])


def forget_newest(connection: sqlite3.Connection, conversation_id: str, kind: str) -> None:
    """The newest standing entry was taken back in another way (out of the trash)."""
    found = _newest(connection, conversation_id, "undone_at IS NULL AND redoes IS NULL")
    if found is not None and found["kind"] == kind:
        connection.execute("DELETE FROM journal_entry WHERE id = ?", (found["id"],))


def drop_after(connection: sqlite3.Connection, conversation_id: str, seq: int) -> int:
    """Delete what was said after message `seq`, with its turns, calls and summaries; how many messages went."""
    summaries.drop_after(connection, conversation_id, seq)
    connection.execute(
        "DELETE FROM tool_call WHERE turn_id IN (SELECT id FROM turn WHERE conversation_id = :id AND NOT EXISTS"
        " (SELECT 1 FROM message WHERE turn_id = turn.id AND seq <= :seq))",
        {"id": conversation_id, "seq": seq},
    )
    gone = connection.execute("DELETE FROM message WHERE conversation_id = ? AND seq > ?", (conversation_id, seq))
    connection.execute(
        "DELETE FROM turn WHERE conversation_id = ? AND NOT EXISTS (SELECT 1 FROM message WHERE turn_id = turn.id)",
        (conversation_id,),
    )
    return gone.rowcount


@contextmanager
def _pen(connection: sqlite3.Connection, entry_id: int) -> Iterator[None]:
    connection.execute("INSERT INTO journal_pen VALUES (?)", (entry_id,))
    yield
    connection.execute("DELETE FROM journal_pen")


def _begin(
    connection: sqlite3.Connection, conversation_id: str, kind: str, now_ms: int,
    *, takes_later: bool = False, redoes: int | None = None,
) -> int:  # fmt: skip
    added = connection.execute(
        "INSERT INTO journal_entry (conversation_id, kind, created_at, last_seq, takes_later, redoes)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (conversation_id, kind, now_ms, _last_seq(connection), takes_later, redoes),
    )
    assert added.lastrowid is not None
    return added.lastrowid


def _last_seq(connection: sqlite3.Connection) -> int:
    """The highest number that any message ever had; numbers are not used twice."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'message'").fetchone()
    return int(row[0]) if row else 0


def _said_since(connection: sqlite3.Connection, conversation_id: str, seq: int) -> bool:
    found = connection.execute("SELECT 1 FROM message WHERE conversation_id = ? AND seq > ?", (conversation_id, seq))
    return found.fetchone() is not None


def _newest(connection: sqlite3.Connection, conversation_id: str, which: str) -> Any:
    return connection.execute(
        f"SELECT * FROM journal_entry WHERE conversation_id = ? AND {which} ORDER BY id DESC LIMIT 1",  # noqa: S608  ours
        (conversation_id,),
    ).fetchone()


def _replay(connection: sqlite3.Connection, entry_id: int) -> None:
    """Put every row back as it was, last change first."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    changes = connection.execute(
        "SELECT place, was, became FROM journal_change WHERE entry_id = ? ORDER BY seq DESC", (entry_id,)
    ).fetchall()
    for place, was, became in changes:
        _put_back(connection, place, json.loads(was) if was else None, json.loads(became) if became else None)


def _put_back(
    connection: sqlite3.Connection, place: str, was: dict[str, Any] | None, became: dict[str, Any] | None
) -> None:
    key = KEYS[place]
    if was is None:
        assert became is not None
        connection.execute(f"DELETE FROM {place} WHERE {key} = ?", (became[key],))  # noqa: S608  a name in KEYS
    elif became is None:
        names, marks = ", ".join(was), ", ".join("?" * len(was))
        connection.execute(f"INSERT INTO {place} ({names}) VALUES ({marks})", tuple(was.values()))  # noqa: S608
    else:
        for name, value in was.items():
            if value != became[name]:
                connection.execute(
                    f"UPDATE {place} SET {name} = ? WHERE {key} = ? AND {name} IS ?",  # noqa: S608
                    (value, was[key], became[name]),
                )


def _forget_redoable(connection: sqlite3.Connection, conversation_id: str) -> None:
    """A new change begins a new course: what had been taken back before it can no longer be done again."""
    connection.execute(
        "DELETE FROM journal_entry WHERE conversation_id = ? AND undone_at IS NOT NULL", (conversation_id,)
    )


def _forget_old(connection: sqlite3.Connection, conversation_id: str, now_ms: int) -> None:
    connection.execute(
        "DELETE FROM journal_entry WHERE conversation_id = :id AND (created_at < :oldest OR id NOT IN"
        " (SELECT id FROM journal_entry WHERE conversation_id = :id ORDER BY id DESC LIMIT :most))",
        {"id": conversation_id, "oldest": now_ms - KEPT_MS, "most": ENTRIES_MAX},
    )
