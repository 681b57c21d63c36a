"""Which conversation a version came from. The link never binds: it becomes NULL when the conversation is purged."""

import sqlite3

from agent.library import rows
from agent.protocol.records import Artifact

SHOWN_MAX = 1_000


def made_in(connection: sqlite3.Connection, conversation_id: str) -> tuple[Artifact, ...]:
    """Artifacts with a version from this conversation that are not in the trash, oldest first."""
    return rows.some(
        connection,
        "a.id IN (SELECT artifact_id FROM artifact_version WHERE conversation_id = :id) AND a.trashed_at IS NULL"
        " ORDER BY a.seq LIMIT :most",
        {"id": conversation_id, "most": SHOWN_MAX},
    )
