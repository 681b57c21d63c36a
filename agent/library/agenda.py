"""Tasks and calendar events: artifacts with a structure that can be asked for by time. On the caller's transaction.

Times are unix milliseconds; `said` keeps the user's own words for the time.
"""

import sqlite3

from agent.library import rows
from agent.protocol.records import Artifact

SHOWN_MAX = 1_000


def add_task(connection: sqlite3.Connection, artifact_id: str, said: str, due_at: int | None) -> None:
    connection.execute("INSERT INTO task (artifact_id, said, due_at) VALUES (?, ?, ?)", (artifact_id, said, due_at))


def set_due(connection: sqlite3.Connection, artifact_id: str, said: str, due_at: int | None) -> None:
    connection.execute("UPDATE task SET said = ?, due_at = ? WHERE artifact_id = ?", (said, due_at, artifact_id))


def mark(connection: sqlite3.Connection, artifact_id: str, done_at: int | None) -> None:
    """Marking twice keeps the first time."""
    connection.execute(
        "UPDATE task SET done_at = CASE WHEN :at IS NULL THEN NULL ELSE coalesce(done_at, :at) END"
        " WHERE artifact_id = :id",
        {"at": done_at, "id": artifact_id},
    )


def tasks(
    connection: sqlite3.Connection, since: int | None, until: int | None, done: bool | None
) -> tuple[Artifact, ...]:
    """Due in [since, until), soonest first, those without a time last; without bounds all of them."""
    return rows.some(
        connection,
        "a.trashed_at IS NULL AND t.artifact_id IS NOT NULL"
        " AND (:done IS NULL OR (t.done_at IS NOT NULL) = :done)"
        " AND (:since IS NULL OR t.due_at >= :since) AND (:until IS NULL OR t.due_at < :until)"
        " ORDER BY t.due_at IS NULL, t.due_at, a.seq LIMIT :most",
        {"since": since, "until": until, "done": done, "most": SHOWN_MAX},
    )


def add_event(
    connection: sqlite3.Connection, artifact_id: str, starts_at: int, ends_at: int, all_day: bool, said: str, zone: str
) -> None:
    connection.execute(
        "INSERT INTO event (artifact_id, said, starts_at, ends_at, all_day, zone) VALUES (?, ?, ?, ?, ?, ?)",
        (artifact_id, said, starts_at, ends_at, all_day, zone),
    )


def move_event(
    connection: sqlite3.Connection, artifact_id: str, starts_at: int, ends_at: int, all_day: bool, said: str, zone: str
) -> None:
    connection.execute(
        "UPDATE event SET said = ?, starts_at = ?, ends_at = ?, all_day = ?, zone = ? WHERE artifact_id = ?",
        (said, starts_at, ends_at, all_day, zone, artifact_id),
    )


def events(connection: sqlite3.Connection, since: int | None, until: int | None) -> tuple[Artifact, ...]:
    """That overlap [since, until), earliest first; an event without length counts at its start."""
    return rows.some(
        connection,
        "a.trashed_at IS NULL AND e.artifact_id IS NOT NULL AND (:until IS NULL OR e.starts_at < :until)"
        " AND (:since IS NULL OR e.ends_at > :since OR e.starts_at >= :since)"
        " ORDER BY e.starts_at, a.seq LIMIT :most",
        {"since": since, "until": until, "most": SHOWN_MAX},
    )
