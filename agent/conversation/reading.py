"""What has been read in a conversation that nobody here wrote: pages, files, other programs. As each call noted it."""

import sqlite3

SOURCES_MAX = 20


def read(connection: sqlite3.Connection, conversation_id: str) -> tuple[str, ...]:
    """In words, first read first; also of calls that were taken back, for a model that read does not forget. Of more
    than are named the last read: what steers a model now is seldom what it read long ago."""
    found = connection.execute(
        "SELECT value FROM (SELECT value, min(tool_call.seq) AS first, max(tool_call.seq) AS last"
        " FROM turn JOIN tool_call ON tool_call.turn_id = turn.id, json_each(tool_call.facts, '$.trail.brought')"
        " WHERE turn.conversation_id = ? GROUP BY value ORDER BY last DESC LIMIT ?) ORDER BY first",
        (conversation_id, SOURCES_MAX),
    )
    return tuple(row[0] for row in found.fetchall())
