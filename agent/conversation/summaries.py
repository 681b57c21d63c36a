"""What stands for the oldest messages where a model can no longer hold them. A summary is part of the thread: a notice
shows it, the journal records it, and whatever takes a message away takes the summaries that speak of it.

Later ones take the place of earlier ones, which stay: where a thread is taken back, an earlier one counts again.
"""

import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import replace

from agent.conversation import turns
from agent.conversation.errors import MessageTooLongError, NoConversationError
from agent.protocol.records import SUMMARY_CHARACTERS_MAX, Message, Summary
from agent.store.texts import storable

SUMMARIES_MAX = 50  # of one conversation; the oldest go, their notices stay
BY_USER = "you"


def current(connection: sqlite3.Connection, conversation_id: str) -> tuple[Summary, int] | None:
    """The one that counts, and the place of the last message that it stands for."""
    row = connection.execute(
        "SELECT * FROM summary WHERE conversation_id = ? ORDER BY until_seq DESC, created_at DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    return (_summary_of(row, is_current=True), row["until_seq"]) if row else None


def get(connection: sqlite3.Connection, summary_id: str) -> Summary:
    row = connection.execute("SELECT * FROM summary WHERE id = ?", (summary_id,)).fetchone()
    if row is None:
        raise NoConversationError("This summary is gone.", summary_id, "Its conversation was reset or changed since.")
    newest = current(connection, row["conversation_id"])
    return _summary_of(row, is_current=newest is not None and newest[0].id == summary_id)


def add(
    connection: sqlite3.Connection, conversation_id: str, until_seq: int, made: Summary, words: str, now_ms: int
) -> Message:
    """Store it and the notice that says so; the notice. Of `made`, id, conversation and time are given here."""
    summary_id = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO summary (id, conversation_id, until_seq, messages, text, why, made_by, is_on, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (summary_id, conversation_id, until_seq, made.messages, storable(made.text)[:SUMMARY_CHARACTERS_MAX],
         storable(made.why), made.made_by, now_ms),
    )  # fmt: skip
    notice = announce(connection, summary_id, words, now_ms)
    connection.execute(
        "DELETE FROM summary WHERE conversation_id = :id AND id NOT IN (SELECT id FROM summary"
        " WHERE conversation_id = :id ORDER BY until_seq DESC, created_at DESC LIMIT :most)",
        {"id": conversation_id, "most": SUMMARIES_MAX},
    )
    return notice


def announce(connection: sqlite3.Connection, summary_id: str, words: str, now_ms: int) -> Message:
    """The notice of a summary: of a new one, and of one whose notice went with the answer that it stood before."""
    summary = get(connection, summary_id)
    notice = turns.notice(connection, summary.conversation_id, words, now_ms)
    connection.execute("UPDATE summary SET notice_id = ? WHERE id = ?", (notice.id, summary_id))
    return replace(turns.message(connection, notice.id), summary=get(connection, summary_id))


def is_announced(connection: sqlite3.Connection, summary_id: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM summary JOIN message ON message.id = summary.notice_id WHERE summary.id = ?", (summary_id,)
    )
    return found.fetchone() is not None


def edit(connection: sqlite3.Connection, summary_id: str, text: str) -> None:
    kept = storable(text.strip())
    if len(kept) > SUMMARY_CHARACTERS_MAX:
        raise MessageTooLongError(
            f"A summary holds at most {SUMMARY_CHARACTERS_MAX:,} characters; this has {len(kept):,}.",
            summary_id,
            "Make it shorter: the model has to hold it beside everything else.",
        )
    connection.execute(
        "UPDATE summary SET text = ?, why = '', made_by = ?, is_on = 1 WHERE id = ?", (kept, BY_USER, summary_id)
    )


def switch(connection: sqlite3.Connection, summary_id: str, *, on: bool) -> None:
    connection.execute("UPDATE summary SET is_on = ? WHERE id = ?", (on, summary_id))


def shown(connection: sqlite3.Connection, conversation_id: str, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The thread, with each summary at the notice that tells of it."""
    newest = current(connection, conversation_id)
    if newest is None:
        return messages
    rows = connection.execute("SELECT * FROM summary WHERE conversation_id = ?", (conversation_id,)).fetchall()
    by_notice = {row["notice_id"]: _summary_of(row, is_current=row["id"] == newest[0].id) for row in rows}
    return tuple(replace(said, summary=by_notice[said.id]) if said.id in by_notice else said for said in messages)


def drop_after(connection: sqlite3.Connection, conversation_id: str, seq: int) -> None:
    """What speaks of a message after `seq` goes with it."""
    connection.execute("DELETE FROM summary WHERE conversation_id = ? AND until_seq > ?", (conversation_id, seq))


def drop_all(connection: sqlite3.Connection, conversation_id: str) -> None:
    connection.execute("DELETE FROM summary WHERE conversation_id = ?", (conversation_id,))


def holds_any(connection: sqlite3.Connection, conversation_id: str) -> bool:
    return current(connection, conversation_id) is not None


def copy(
    connection: sqlite3.Connection, source: str, branch_id: str, places: Mapping[int, int], ids: Mapping[str, str]
) -> None:
    """Into a branch: those that speak of copied messages only. `places`, `ids`: of the copies, by those there."""
    rows = connection.execute("SELECT * FROM summary WHERE conversation_id = ?", (source,)).fetchall()
    for row in rows:
        if row["until_seq"] in places:
            copied = {
                **dict(row), "id": str(uuid.uuid4()), "conversation_id": branch_id,
                "until_seq": places[row["until_seq"]], "notice_id": ids.get(row["notice_id"], ""),
            }  # fmt: skip
            names, marks = ", ".join(copied), ", ".join("?" * len(copied))
            connection.execute(f"INSERT INTO summary ({names}) VALUES ({marks})", tuple(copied.values()))  # noqa: S608


def _summary_of(row: sqlite3.Row, *, is_current: bool) -> Summary:
    return Summary(
        id=row["id"],
        conversation_id=row["conversation_id"],
        messages=row["messages"],
        text=row["text"],
        why=row["why"],
        made_by=row["made_by"],
        created_at=row["created_at"],
        is_on=bool(row["is_on"]),
        is_current=is_current,
    )
