"""Rows of the tables as the records that a front end gets."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from agent.library.errors import NoArtifactError
from agent.protocol.records import Artifact, Version

FIELDS = """
SELECT a.*, t.artifact_id AS is_task, t.said AS task_said, t.due_at, t.done_at,
    e.artifact_id AS is_event, e.said AS event_said, e.starts_at, e.ends_at, e.all_day, e.zone
FROM artifact a LEFT JOIN task t ON t.artifact_id = a.id LEFT JOIN event e ON e.artifact_id = a.id
"""


def artifact_of(row: sqlite3.Row, snippet: str = "") -> Artifact:
    return Artifact(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        head=row["head"],
        tags=tuple(json.loads(row["tags"])),
        snippet=snippet,
        trashed_at=row["trashed_at"],
        data={**json.loads(row["data"]), **_structure(row)},
    )


def _structure(row: sqlite3.Row) -> Mapping[str, Any]:
    if row["is_task"]:
        done_at = row["done_at"]
        return {"said": row["task_said"], "due_at": row["due_at"], "done": done_at is not None, "done_at": done_at}
    if row["is_event"]:
        return {
            "said": row["event_said"],
            "starts_at": row["starts_at"],
            "ends_at": row["ends_at"],
            "all_day": bool(row["all_day"]),
            "zone": row["zone"],
        }
    return {}


def version_of(row: sqlite3.Row) -> Version:
    return Version(
        artifact_id=row["artifact_id"],
        n=row["n"],
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        author=row["author"],
        created_at=row["created_at"],
        conversation_id=row["conversation_id"],
        note=row["note"],
    )


def get(connection: sqlite3.Connection, artifact_id: str) -> Artifact:
    row = connection.execute(f"{FIELDS} WHERE a.id = ?", (artifact_id,)).fetchone()
    if row is None:
        raise NoArtifactError(where=artifact_id, todo="Look at: carryon library list")
    return artifact_of(row)


def some(connection: sqlite3.Connection, rest: str, values: Mapping[str, Any]) -> tuple[Artifact, ...]:
    """Artifacts by a WHERE clause of this package (artifact `a`, task `t`, event `e`) and what follows it."""
    return tuple(artifact_of(row) for row in connection.execute(f"{FIELDS} WHERE {rest}", values).fetchall())
