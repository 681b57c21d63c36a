"""What has been read in a conversation that nobody here wrote: pages, files, other programs. As each call noted it, and
as it was noted with a message of the user's that holds words of others."""

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
    said = lent(connection, conversation_id)
    return tuple(dict.fromkeys((*said, *(row[0] for row in found.fetchall()))))[-SOURCES_MAX:]


def lent(connection: sqlite3.Connection, conversation_id: str) -> tuple[str, ...]:
    """Of the user's own messages alone: whoever reads those has read it, the starter too."""
    found = connection.execute(
        "SELECT value FROM (SELECT value, min(message.seq) AS first, max(message.seq) AS last"
        " FROM message, json_each(message.sources) WHERE message.conversation_id = ? AND message.sources != ''"
        " GROUP BY value ORDER BY last DESC LIMIT ?) ORDER BY first",
        (conversation_id, SOURCES_MAX),
    )
    return tuple(row[0] for row in found.fetchall())
