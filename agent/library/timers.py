"""Timers: a label and the moment at which it rings. Several processes may watch; one of them gets to ring."""

import sqlite3
import uuid
from dataclasses import dataclass

from agent.library.errors import NoArtifactError

DUE_MAX = 100


@dataclass(frozen=True, slots=True)
class Timer:
    """`rings_at`, `rang_at`: unix milliseconds; `rang_at` None: still to ring."""

    id: str
    label: str
    rings_at: int
    created_at: int
    rang_at: int | None = None
    conversation_id: str | None = None


FIELDS = "SELECT id, label, rings_at, created_at, rang_at, conversation_id FROM timer"


def add(connection: sqlite3.Connection, label: str, rings_at: int, now_ms: int, conversation_id: str | None) -> Timer:
    timer = Timer(str(uuid.uuid4()), label, rings_at, now_ms, None, conversation_id)
    connection.execute(
        "INSERT INTO timer (id, label, rings_at, created_at, conversation_id) VALUES (?, ?, ?, ?, ?)",
        (timer.id, label, rings_at, now_ms, conversation_id),
    )
    return timer


def put_back(connection: sqlite3.Connection, timer: Timer) -> None:
    """One that was stopped, under its own id; nothing happens where it is there."""
    connection.execute(
        "INSERT OR IGNORE INTO timer (id, label, rings_at, created_at, conversation_id)"
        " VALUES (?, ?, ?, ?, (SELECT id FROM conversation WHERE id = ?))",
        (timer.id, timer.label, timer.rings_at, timer.created_at, timer.conversation_id),
    )


def due(connection: sqlite3.Connection, now_ms: int) -> tuple[Timer, ...]:
    rows = connection.execute(
        f"{FIELDS} WHERE rang_at IS NULL AND rings_at <= ? ORDER BY rings_at LIMIT ?", (now_ms, DUE_MAX)
    )
    return tuple(Timer(*row) for row in rows.fetchall())


def waiting(connection: sqlite3.Connection) -> tuple[Timer, ...]:
    """Soonest first."""
    rows = connection.execute(f"{FIELDS} WHERE rang_at IS NULL ORDER BY rings_at LIMIT ?", (DUE_MAX,))
    return tuple(Timer(*row) for row in rows.fetchall())


def rang(connection: sqlite3.Connection, timer_id: str, now_ms: int) -> bool:
    """True for the one who may ring it."""
    changed = connection.execute("UPDATE timer SET rang_at = ? WHERE id = ? AND rang_at IS NULL", (now_ms, timer_id))
    return changed.rowcount == 1


def cancel(connection: sqlite3.Connection, timer_id: str) -> None:
    if connection.execute("DELETE FROM timer WHERE id = ? AND rang_at IS NULL", (timer_id,)).rowcount == 0:
        raise NoArtifactError("There is no such timer, or it has rung.", timer_id)
