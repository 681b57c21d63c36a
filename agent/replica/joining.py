"""Two courses of one artifact become one: the same version, with the same name, on whichever laptop it is made.

It is made of the two oldest heads, their nearest common version, and nothing else: no clock, no place, no order of
exchanges. With more heads than two it is done again. Texts are joined by lines, and where both changed the same lines
both wordings stay. Of anything that is no text the newer one stands and the other stays as a version.
"""

import hashlib
import sqlite3
from dataclasses import dataclass

from agent.library import blobs
from agent.library.merging import merge
from agent.replica import lines, trust
from agent.replica.delta import MERGE, Line
from agent.replica.hlc import Stamp
from agent.replica.pen import log, pen

NOTE_CLEAN = "written on two laptops at a time: both are joined here"
NOTE_BOTH = "written on two laptops at a time: {places} changed in both, and both wordings are kept"
NOTE_BYTES = "changed on two laptops at a time: the newer one stands, the other one is kept as a version"


@dataclass(frozen=True, slots=True)
class Joined:
    """`n`: the version that was made; `was`: the head before it, to which restoring it leads back."""

    artifact_id: str
    title: str
    n: int
    was: int
    note: str


def open_ones(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT artifact_id FROM version_open ORDER BY 1").fetchall()]


def is_open(connection: sqlite3.Connection, artifact_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM version_open WHERE artifact_id = ?", (artifact_id,)).fetchone()
    return found is not None


def join(connection: sqlite3.Connection, artifact_id: str) -> Joined | None:
    """One step; None when nothing is open there. The comparing is done before the database is held."""
    found = lines.heads(connection, artifact_id)[:2]
    made = _made(connection, artifact_id, found[0][0], found[1][0]) if len(found) == 2 else None
    with pen(connection):
        if lines.heads(connection, artifact_id)[:2] != found:  # somebody wrote meanwhile; it is looked at once more
            return None
        if made is None:
            lines.follow(connection, artifact_id)
            return None
        return _store(connection, artifact_id, *made)


def _made(connection: sqlite3.Connection, artifact_id: str, older: str, newer: str) -> tuple[Line, bytes]:
    known = lines.all_of(connection, artifact_id)
    one, other = known[older], known[newer]
    content, note = _content(connection, lines.nearest_common(known, older, newer), one, other)
    sha256 = hashlib.sha256(content).hexdigest()
    uid = "m" + hashlib.sha256(f"{older} {newer} {sha256}".encode()).hexdigest()[:31]
    stamp = Stamp(max(one.stamp.hlc, other.stamp.hlc) + 1, MERGE)
    at = max(one.created_at, other.created_at)
    return Line(uid, (older, newer), stamp, sha256, len(content), "carryon", at, note, ()), content


def _content(connection: sqlite3.Connection, base: Line | None, one: Line, other: Line) -> tuple[bytes, str]:
    theirs, mine = blobs.get(connection, one.sha256), blobs.get(connection, other.sha256)
    was = blobs.get(connection, base.sha256) if base else b""
    if not all(map(blobs.is_text, (was, theirs, mine))):
        return mine, NOTE_BYTES
    merged = merge(*(_ended(text.decode()) for text in (was, theirs, mine)))
    ends = theirs.endswith(b"\n") or mine.endswith(b"\n")
    content = (merged.text if ends else merged.text.removesuffix("\n")).encode()
    if len(content) > blobs.CONTENT_BYTES_MAX:
        return mine, NOTE_BYTES
    return content, _note(merged.both)


def _ended(text: str) -> str:
    """Its last line ended, so that a line more is no change of the one before it."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _note(both: int) -> str:
    if not both:
        return NOTE_CLEAN
    return NOTE_BOTH.format(places="1 place was" if both == 1 else f"{both} places were")


def _store(connection: sqlite3.Connection, artifact_id: str, line: Line, content: bytes) -> Joined:
    row = connection.execute("SELECT title, head, updated_at FROM artifact WHERE id = ?", (artifact_id,)).fetchone()
    blobs.put(connection, content)
    n = lines.add(connection, artifact_id, line)
    for parent in line.parents:
        numbered = connection.execute("SELECT n FROM version_line WHERE uid = ?", (parent,)).fetchone()
        lines.note_sources(connection, artifact_id, n, lines.sources_of(connection, artifact_id, numbered[0]))
    lines.note_sources(connection, artifact_id, n, trust.name_marks(connection, artifact_id))
    log(connection, artifact_id, "version", line.uid, line.stamp, "")
    lines.follow(connection, artifact_id)
    return Joined(artifact_id, row["title"], n, row["head"], line.note)
