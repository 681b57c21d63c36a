"""Fields of an artifact and its tags, as another laptop has them.

A field: the later stamp stands. Tags: each is held by "dots", one a laptop that added it; a
removal takes away the dots that were known to whoever removed it, so an adding that nobody knew of stays.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from agent.replica.delta import Dots, Field
from agent.replica.hlc import Stamp
from agent.replica.pen import known_there, log, logged
from agent.replica.reading import dots_of, stamp_of, value_of

Dot = tuple[int, int]


def take(connection: sqlite3.Connection, artifact_id: str, name: str, told: Field, via: str) -> bool:
    row = logged(connection, artifact_id, name)
    if row is not None and not _stands(connection, row, told):
        if stamp_of(row) == told.stamp and value_of(connection, artifact_id, name) == told.value:
            known_there(connection, artifact_id, name, "", via)
        return False
    WRITE[name](connection, artifact_id, told.value)
    log(connection, artifact_id, name, "", told.stamp, via, told.cover)
    return True


def _stands(connection: sqlite3.Connection, row: sqlite3.Row, told: Field) -> bool:
    """Equal stamps with other values: copies of one profile that were changed before there was a log."""
    if stamp_of(row) != told.stamp:
        return told.stamp > stamp_of(row)
    return json.dumps(told.value) > json.dumps(value_of(connection, row["artifact_id"], row["what"]))


def take_tags(connection: sqlite3.Connection, artifact_id: str, told: Dots, via: str) -> bool:
    here = dots_of(connection, artifact_id)
    both = {tag: joined(here.get(tag, {}), told.get(tag, {})) for tag in {*here, *told}}
    same = both == {tag: dict(dots) for tag, dots in told.items()}
    if both == here:
        if same and here:
            known_there(connection, artifact_id, "tags", "", via)
        return False
    connection.execute("DELETE FROM tag_dot WHERE artifact_id = ?", (artifact_id,))
    connection.executemany(
        "INSERT INTO tag_dot VALUES (?, ?, ?, ?, ?)",
        [(artifact_id, tag, replica, *dot) for tag, dots in both.items() for replica, dot in dots.items()],
    )
    before = json.loads(connection.execute("SELECT tags FROM artifact WHERE id = ?", (artifact_id,)).fetchone()[0])
    after = standing(both)
    if set(after) != set(before):
        tags = json.dumps(after, ensure_ascii=False)
        connection.execute("UPDATE artifact SET tags = ? WHERE id = ?", (tags, artifact_id))
    latest = max((Stamp(added, by) for dots in both.values() for by, (added, _) in dots.items()), default=Stamp())
    log(connection, artifact_id, "tags", "", latest, via if same else "")
    return set(after) != set(before)


def joined(one: "dict[str, Dot] | Any", other: "dict[str, Dot] | Any") -> dict[str, Dot]:
    """Per laptop the newest adding and the newest that is known to be removed."""
    return {
        replica: tuple(map(max, one.get(replica, (0, 0)), other.get(replica, (0, 0)))) for replica in {*one, *other}
    }


def standing(dots: Dots) -> list[str]:
    """In the order in which they were added."""
    first = {
        tag: min((added, replica) for replica, (added, removed) in held.items() if added > removed)
        for tag, held in dots.items()
        if any(added > removed for added, removed in held.values())
    }
    return sorted(first, key=lambda tag: (first[tag], tag))


def _title(connection: sqlite3.Connection, artifact_id: str, title: str) -> None:
    connection.execute(
        "UPDATE artifact SET title = ?, title_key = ? WHERE id = ?", (title, title.casefold(), artifact_id)
    )


def _trash(connection: sqlite3.Connection, artifact_id: str, trashed_at: int | None) -> None:
    connection.execute("UPDATE artifact SET trashed_at = ? WHERE id = ?", (trashed_at, artifact_id))


def _due(connection: sqlite3.Connection, artifact_id: str, value: list[Any]) -> None:
    connection.execute(
        "INSERT INTO task (artifact_id, said, due_at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET said = excluded.said, due_at = excluded.due_at",
        (artifact_id, *value),
    )


def _done(connection: sqlite3.Connection, artifact_id: str, done_at: int | None) -> None:
    connection.execute(
        "INSERT INTO task (artifact_id, done_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET done_at = excluded.done_at",
        (artifact_id, done_at),
    )


def _event(connection: sqlite3.Connection, artifact_id: str, value: list[Any]) -> None:
    connection.execute(
        "INSERT INTO event (artifact_id, said, starts_at, ends_at, all_day, zone) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET said = excluded.said, starts_at = excluded.starts_at, ends_at = excluded.ends_at,"
        " all_day = excluded.all_day, zone = excluded.zone",
        (artifact_id, *value),
    )


WRITE: dict[str, Callable[[sqlite3.Connection, str, Any], None]] = {
    "title": _title, "trash": _trash, "due": _due, "done": _done, "event": _event,
}  # fmt: skip
