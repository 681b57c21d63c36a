"""What is said: a turn begins with the user's message on the disk, gathers calls, and ends with the agent's.

A turn whose process died is ended by `recover`: what had arrived of the answer is kept, the thread goes on.
"""

import json
import sqlite3
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.conversation import drafts, threads
from agent.conversation.errors import NoConversationError
from agent.conversation.rounds import Round, Spoken, rounds_of, rounds_text
from agent.conversation.rows import asking_of, asking_text, call_of, label_text, message_of, plain, sources_text
from agent.conversation.texts import bounded
from agent.library.sources import tidy
from agent.protocol.records import AnswerLabel, Call, CallStatus, Message, Outcome, Question, Role
from agent.store.texts import storable
from sync.owner import is_gone

INTERRUPTED = "Carryon was closed before it had answered."
MESSAGES_OF_A_TURN_MAX = 2  # the user's, or the notice that began it, and the agent's; other notices belong to none
INTERRUPTED_LABEL = AnswerLabel("rules", "", "", "", "", "", None, None, None)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn without an end yet. `owner`: the process that runs it, as sync.owner names it."""

    id: str
    conversation_id: str
    owner: str
    started_at: int


@dataclass(frozen=True, slots=True)
class Made:
    """What a turn of the agent did and how it ended, as the next request is read with it."""

    calls: tuple[Call, ...]
    question: Question | None


def begin(
    connection: sqlite3.Connection, conversation_id: str, text: str, owner: str, now_ms: int,
    sources: Sequence[str] = (),
) -> Message:  # fmt: skip
    kept = bounded(text, "message")
    turn_id = _open(connection, conversation_id, owner, now_ms)
    drafts.forget_sent(connection, conversation_id, kept)
    threads.name_after(connection, conversation_id, kept)
    threads.touch(connection, conversation_id, now_ms)
    return _say(connection, conversation_id, turn_id, Role.USER, kept, now_ms, sources=tidy(sources))


def begin_by_notice(
    connection: sqlite3.Connection, conversation_id: str, words: str, owner: str, now_ms: int
) -> Message:
    """A turn that no message of the user began but something that came, which the notice tells."""
    turn_id = _open(connection, conversation_id, owner, now_ms)
    threads.touch(connection, conversation_id, now_ms)
    return _say(connection, conversation_id, turn_id, Role.NOTICE, storable(words), now_ms)


def _open(connection: sqlite3.Connection, conversation_id: str, owner: str, now_ms: int) -> str:
    turn_id = str(uuid.uuid4())
    connection.execute(
        "INSERT INTO turn (id, conversation_id, owner, started_at) VALUES (?, ?, ?, ?)",
        (turn_id, conversation_id, owner, now_ms),
    )
    return turn_id


def end(
    connection: sqlite3.Connection, turn_id: str, text: str, outcome: Outcome | None, label: AnswerLabel,
    now_ms: int, *, complete: bool, question: Question | None = None,
) -> Message:  # fmt: skip
    """What was kept of how a chat model spoke (`keep_partial`) stays with the turn."""
    turn = connection.execute("SELECT conversation_id, ended_at FROM turn WHERE id = ?", (turn_id,)).fetchone()
    if turn is None:
        raise NoConversationError(
            "The conversation was reset while Carryon was answering in it.", turn_id, "Ask again."
        )
    asked = asking_text(question)
    connection.execute(
        "UPDATE turn SET ended_at = ?, partial = '', question = ? WHERE id = ?",
        (now_ms, storable(asked) if asked else None, turn_id),
    )
    threads.touch(connection, turn["conversation_id"], now_ms)
    said = _say(
        connection, turn["conversation_id"], turn_id, Role.AGENT, storable(text), now_ms,
        label=label, outcome=outcome, complete=complete,
    )  # fmt: skip
    return message(connection, said.id)


def notice(connection: sqlite3.Connection, conversation_id: str, text: str, now_ms: int) -> Message:
    return _say(connection, conversation_id, None, Role.NOTICE, storable(text), now_ms)


def _say(
    connection: sqlite3.Connection, conversation_id: str, turn_id: str | None, role: Role, text: str, now_ms: int,
    *, label: AnswerLabel | None = None, outcome: Outcome | None = None, complete: bool = True,
    sources: tuple[str, ...] = (),
) -> Message:  # fmt: skip
    said = Message(
        str(uuid.uuid4()), conversation_id, turn_id or "", role, text, now_ms,
        label=label, outcome=outcome, complete=complete, sources=sources,
    )  # fmt: skip
    lent = storable(sources_text(sources))
    connection.execute(
        "INSERT INTO message (id, conversation_id, turn_id, role, text, created_at, label, outcome, complete, sources)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (said.id, conversation_id, turn_id, role, text, now_ms, label_text(label), outcome, complete, lent),
    )
    return said


def add_call(connection: sqlite3.Connection, call: Call) -> None:
    connection.execute(
        "INSERT INTO tool_call (id, turn_id, tool, args, status, result, outbox_id, artifact_id, facts)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.id,
            call.turn_id,
            call.tool,
            storable(plain(call.args)),
            call.status,
            storable(call.result),
            call.outbox_id,
            call.artifact_id,
            storable(plain(call.facts)),
        ),
    )


def settle_call(
    connection: sqlite3.Connection,
    call_id: str,
    status: CallStatus,
    result: str | None,
    facts: Mapping[str, Any] | None,
    artifact_id: str | None = None,
    outbox_id: str | None = None,
) -> Call:
    connection.execute(
        "UPDATE tool_call SET status = ?, result = coalesce(?, result), facts = coalesce(?, facts),"
        " artifact_id = coalesce(?, artifact_id), outbox_id = coalesce(?, outbox_id) WHERE id = ?",
        (status, result, storable(plain(facts)) if facts is not None else None, artifact_id, outbox_id, call_id),
    )
    return call(connection, call_id)


def call(connection: sqlite3.Connection, call_id: str) -> Call:
    row = connection.execute("SELECT * FROM tool_call WHERE id = ?", (call_id,)).fetchone()
    if row is None:
        raise NoConversationError(
            "The proposal is no longer there.", call_id, "If its conversation was reset, take the reset back first."
        )
    return call_of(row)


def outbox_ids(connection: sqlite3.Connection, call_ids: Sequence[str]) -> dict[str, str]:
    """Call to the outbox item that it made; without those that made none or are no longer there."""
    rows = connection.execute(
        "SELECT id, outbox_id FROM tool_call WHERE id IN (SELECT value FROM json_each(?)) AND outbox_id IS NOT NULL",
        (json.dumps(call_ids),),
    )
    return dict(rows.fetchall())


def message(connection: sqlite3.Connection, message_id: str) -> Message:
    row = connection.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        raise NoConversationError("There is no such message.", message_id, "Open the conversation again.")
    calls = _calls(connection, "turn_id = ?", row["turn_id"]) if row["role"] == Role.AGENT else {}
    asked = connection.execute("SELECT question FROM turn WHERE id = ?", (row["turn_id"],)).fetchone()
    return message_of(row, calls.get(row["turn_id"], ()), asked["question"] if asked else None)


def messages(connection: sqlite3.Connection, conversation_id: str) -> tuple[Message, ...]:
    """Oldest first. Calls stand with the agent's message, or with the user's while there is none yet."""
    rows = connection.execute(
        "SELECT message.*, turn.question FROM message LEFT JOIN turn ON turn.id = message.turn_id"
        " WHERE message.conversation_id = ? ORDER BY message.seq",
        (conversation_id,),
    ).fetchall()
    calls = _calls(
        connection, "turn_id IN (SELECT id FROM turn WHERE conversation_id = ?)", conversation_id
    )  # fmt: skip
    bearers = {row["turn_id"]: row["id"] for row in rows if row["turn_id"]}  # the last of a turn
    return tuple(
        message_of(
            row, calls.get(row["turn_id"], ()) if bearers.get(row["turn_id"]) == row["id"] else (), row["question"]
        )
        for row in rows
    )


def spoken(connection: sqlite3.Connection, conversation_id: str) -> tuple[Spoken, ...]:
    """What a prompt may be made of: the thread as it stands now, without notices that began no turn, oldest first."""
    kept = {
        row["id"]: row["rounds"]
        for row in connection.execute("SELECT id, rounds FROM turn WHERE conversation_id = ?", (conversation_id,))
    }
    places = {
        row["id"]: row["seq"]
        for row in connection.execute("SELECT id, seq FROM message WHERE conversation_id = ?", (conversation_id,))
    }
    return tuple(
        Spoken(said, places[said.id], rounds_of(kept.get(said.turn_id)) if said.role is Role.AGENT else ())
        for said in messages(connection, conversation_id)
        if said.role is not Role.NOTICE or said.turn_id
    )


def made_before(connection: sqlite3.Connection, conversation_id: str, turn_id: str, limit: int) -> tuple[Made, ...]:
    """The turns before `turn_id` ("": the one that is to come), the newest first."""
    rows = connection.execute(
        "SELECT turn.id, CASE WHEN said.by_agent THEN turn.question END AS question FROM turn JOIN"
        " (SELECT turn_id, max(role = 'agent') AS by_agent, max(seq) AS seq FROM"
        " (SELECT turn_id, role, seq FROM message WHERE conversation_id = ? AND turn_id != ?"
        " ORDER BY seq DESC LIMIT ?) GROUP BY turn_id) AS said"
        " ON said.turn_id = turn.id ORDER BY said.seq DESC LIMIT ?",
        (conversation_id, turn_id, MESSAGES_OF_A_TURN_MAX * limit, limit),
    ).fetchall()
    return tuple(
        Made(tuple(_calls(connection, "turn_id = ?", row["id"]).get(row["id"], ())), asking_of(row["question"]))
        for row in rows
    )


def labels(connection: sqlite3.Connection, conversation_id: str, limit: int) -> tuple[AnswerLabel, ...]:
    """What made the answers of a thread, newest first."""
    rows = connection.execute(
        "SELECT label FROM message WHERE conversation_id = ? AND label IS NOT NULL ORDER BY seq DESC LIMIT ?",
        (conversation_id, limit),
    )
    return tuple(AnswerLabel(**json.loads(row["label"])) for row in rows.fetchall())


def _calls(connection: sqlite3.Connection, which: str, value: str) -> dict[str, list[Call]]:
    rows = connection.execute(f"SELECT * FROM tool_call WHERE {which} ORDER BY seq", (value,))  # noqa: S608  ours
    found: dict[str, list[Call]] = {}
    for row in rows.fetchall():
        found.setdefault(row["turn_id"], []).append(call_of(row))
    return found


def asked(connection: sqlite3.Connection, turn_id: str) -> Message:
    """The message that began a turn: the user's, or the notice of what had come."""
    row = connection.execute("SELECT id FROM message WHERE turn_id = ? AND role != 'agent'", (turn_id,)).fetchone()
    if row is None:
        raise NoConversationError("This message is gone: its conversation was reset.", turn_id, "Ask again.")
    return message(connection, row["id"])


def question_of(connection: sqlite3.Connection, message_id: str) -> Message:
    """The user's message of the same turn."""
    row = connection.execute(
        "SELECT asked.id FROM message AS given JOIN message AS asked ON asked.turn_id = given.turn_id"
        " WHERE given.id = ? AND asked.role = 'user'",
        (message_id,),
    ).fetchone()
    if row is None:
        raise NoConversationError("There is no question behind this message.", message_id, "Choose another message.")
    return message(connection, row["id"])


def waiting(connection: sqlite3.Connection, tools: Collection[str], limit: int) -> tuple[Call, ...]:
    """Calls of these tools whose outcome waited in the outbox when they were last settled, oldest first; none of a
    conversation in the trash."""
    rows = connection.execute(
        "SELECT tool_call.* FROM tool_call JOIN turn ON turn.id = tool_call.turn_id"
        " JOIN conversation ON conversation.id = turn.conversation_id"
        " WHERE tool_call.tool IN (SELECT value FROM json_each(?)) AND conversation.trashed_at IS NULL"
        " AND status IN ('queued', 'waiting_approval') AND outbox_id IS NOT NULL ORDER BY tool_call.seq DESC LIMIT ?",
        (json.dumps(sorted(tools)), limit),
    )
    return tuple(call_of(row) for row in reversed(rows.fetchall()))


def item_of(connection: sqlite3.Connection, conversation_id: str, begins: str) -> str | None:
    row = connection.execute(
        "SELECT outbox_id FROM turn JOIN tool_call ON tool_call.turn_id = turn.id WHERE turn.conversation_id = ?"
        " AND outbox_id IS NOT NULL AND substr(replace(tool_call.id, '-', ''), 1, ?) = ? LIMIT 1",
        (conversation_id, len(begins), begins),
    ).fetchone()
    return str(row["outbox_id"]) if row else None


def conversation_of(connection: sqlite3.Connection, turn_id: str) -> str:
    row = connection.execute("SELECT conversation_id FROM turn WHERE id = ?", (turn_id,)).fetchone()
    return str(row["conversation_id"]) if row else ""


def keep_partial(connection: sqlite3.Connection, turn_id: str, text: str, rounds: Sequence[Round] = ()) -> None:
    spoken_so_far = rounds_text(rounds)
    connection.execute(
        "UPDATE turn SET partial = ?, rounds = coalesce(?, rounds) WHERE id = ? AND ended_at IS NULL",
        (storable(text), storable(spoken_so_far) if spoken_so_far else None, turn_id),
    )


def ask(connection: sqlite3.Connection, turn_id: str, question: Question) -> None:
    connection.execute("UPDATE turn SET question = ? WHERE id = ?", (storable(str(asking_text(question))), turn_id))


def unfinished(connection: sqlite3.Connection) -> tuple[Turn, ...]:
    rows = connection.execute(
        "SELECT id, conversation_id, owner, started_at FROM turn WHERE ended_at IS NULL ORDER BY started_at"
    )
    return tuple(Turn(*row) for row in rows.fetchall())


def is_left(turn: Turn, me: str) -> bool:
    """Nobody runs it: its process is gone, or it is this one, which runs one turn at a time and is now asked for
    something else."""
    return turn.owner.rsplit("/", 1)[0] == me.rsplit("/", 1)[0] or is_gone(turn.owner)


def interrupt(connection: sqlite3.Connection, turn: Turn, now_ms: int) -> Message:
    """End a turn that nobody runs any more; what had arrived of its answer is kept."""
    partial = connection.execute("SELECT partial FROM turn WHERE id = ?", (turn.id,)).fetchone()[0]
    text = "\n\n".join(part for part in (partial, INTERRUPTED) if part)
    return end(connection, turn.id, text, None, INTERRUPTED_LABEL, now_ms, complete=False)
