"""Artifacts and their versions: made, changed by adding a version, named, tagged, thrown away. On the caller's
transaction; a version once written stays byte for byte."""

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.library import blobs, rows, sources
from agent.library.errors import NoArtifactError
from agent.library.merging import merge
from agent.protocol.records import Version
from agent.store.texts import storable

TITLE_CHARACTERS_MAX = 300
TAG_CHARACTERS_MAX = 60
TAGS_MAX = 50
UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a version, when, in which conversation, why if that is worth a word, and what had been read before it
    that nobody here wrote."""

    author: str
    at: int
    conversation_id: str | None = None
    note: str = ""
    sources: tuple[str, ...] = ()


def create(
    connection: sqlite3.Connection, kind: str, title: str, content: bytes, data: Mapping[str, Any], origin: Origin
) -> str:
    artifact_id = str(uuid.uuid4())
    named = tidy(title) or _first_line(content)
    connection.execute(
        "INSERT INTO artifact (id, kind, title, title_key, data, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (artifact_id, kind, named, named.casefold(), plain(data), origin.at, origin.at),
    )
    add_version(connection, artifact_id, 1, content, origin)
    return artifact_id


def add_version(
    connection: sqlite3.Connection, artifact_id: str, n: int, content: bytes, origin: Origin, *, base: int | None = None
) -> None:
    """`base`: the version whose content it goes on from; None: the one before."""
    digest = blobs.put(connection, content)
    connection.execute(
        "INSERT INTO artifact_version (artifact_id, n, sha256, size_bytes, author, created_at, conversation_id, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (artifact_id, n, digest, len(content), origin.author, origin.at, origin.conversation_id, origin.note),
    )
    sources.carry(connection, artifact_id, n - 1 if base is None else base, n)
    sources.note(connection, artifact_id, n, origin.sources)
    connection.execute(
        "UPDATE artifact SET head = ?, updated_at = max(updated_at, ?) WHERE id = ?", (n, origin.at, artifact_id)
    )


def save(connection: sqlite3.Connection, artifact_id: str, text: str, based_on: int | None, origin: Origin) -> None:
    """A new version, unless the text is what stands there already. Based on an older version it is joined with what
    was written since."""
    head = version(connection, artifact_id, None)
    note = origin.note
    if based_on is not None and based_on != head.n:
        base = as_text(connection, version(connection, artifact_id, based_on))
        merged = merge(base, as_text(connection, head), text)
        text, note = merged.text, note or _merge_note(head.n, merged.both)
    content = text.encode()
    if content != blobs.get(connection, head.sha256):
        n = next_number(connection, artifact_id)
        add_version(connection, artifact_id, n, content, replace(origin, note=note), base=head.n)


def next_number(connection: sqlite3.Connection, artifact_id: str) -> int:
    """Not always the head's and one: what another laptop wrote may have come and still be joined with it."""
    row = connection.execute("SELECT max(n) + 1 FROM artifact_version WHERE artifact_id = ?", (artifact_id,)).fetchone()
    return int(row[0])


def _merge_note(head: int, both: int) -> str:
    if not both:
        return f"joined with version {head}"
    places = "1 place was" if both == 1 else f"{both} places were"
    return f"joined with version {head}: {places} changed in both, and both wordings are kept"


def version(connection: sqlite3.Connection, artifact_id: str, n: int | None) -> Version:
    """Version n; None: the newest."""
    row = connection.execute(
        "SELECT v.* FROM artifact_version v JOIN artifact a ON a.id = v.artifact_id"
        " WHERE a.id = ? AND v.n = coalesce(?, a.head)",
        (artifact_id, n),
    ).fetchone()
    if row is None:
        rows.get(connection, artifact_id)
        raise NoArtifactError(
            "There is no such version.", f"{artifact_id}, version {n}", "Look at: carryon library history"
        )
    return rows.version_of(row)


def versions(connection: sqlite3.Connection, artifact_id: str) -> tuple[Version, ...]:
    """Newest first."""
    found = connection.execute("SELECT * FROM artifact_version WHERE artifact_id = ? ORDER BY n DESC", (artifact_id,))
    return tuple(rows.version_of(row) for row in found.fetchall())


def as_text(connection: sqlite3.Connection, wanted: Version) -> str:
    """ "" when the content is no text."""
    content = blobs.get(connection, wanted.sha256)
    return content.decode() if blobs.is_text(content) else ""


def rename(connection: sqlite3.Connection, artifact_id: str, title: str, at: int) -> None:
    named = tidy(title) or UNTITLED
    connection.execute(
        "UPDATE artifact SET title = ?, title_key = ?, updated_at = max(updated_at, ?) WHERE id = ? AND title != ?",
        (named, named.casefold(), at, artifact_id, named),
    )


def tag(connection: sqlite3.Connection, artifact_id: str, tags: Iterable[str]) -> None:
    """The tags that it has from now on, in this order, each once."""
    cleaned = (" ".join(storable(tag).split())[:TAG_CHARACTERS_MAX] for tag in tags)
    kept = list(dict.fromkeys(tag for tag in cleaned if tag))[:TAGS_MAX]
    connection.execute("UPDATE artifact SET tags = ? WHERE id = ?", (json.dumps(kept, ensure_ascii=False), artifact_id))


def set_trashed(connection: sqlite3.Connection, artifact_id: str, trashed_at: int | None) -> None:
    connection.execute("UPDATE artifact SET trashed_at = ? WHERE id = ?", (trashed_at, artifact_id))


def purge(connection: sqlite3.Connection, artifact_id: str) -> None:
    connection.execute("DELETE FROM artifact WHERE id = ?", (artifact_id,))
    blobs.forget_unused(connection)
    connection.execute("INSERT INTO artifact_fts(artifact_fts) VALUES ('optimize')")  # forgets the words as well


def tidy(title: str) -> str:
    return " ".join(storable(title).split())[:TITLE_CHARACTERS_MAX]


def plain(data: Mapping[str, Any]) -> str:
    return storable(json.dumps(dict(data), ensure_ascii=False, separators=(",", ":")))


def _first_line(content: bytes) -> str:
    """The title of work that was given none."""
    start = content[: TITLE_CHARACTERS_MAX * 4].decode("utf-8", "ignore").strip()
    line = start.splitlines()[0].lstrip("# ") if start else ""
    return tidy(line)[:80] or UNTITLED
