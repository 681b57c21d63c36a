"""A delta of another laptop, taken into the library: the same outcome in any order, and nothing for a second time.

Fields and tags: fields.py. Versions: all of them; where the newest one here is before the new one, the new one is the
head, else joining.py makes one of both. What was deleted for good stays so unless somebody had written in it meanwhile.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from agent.library import blobs
from agent.replica import fields, lines
from agent.replica.delta import Delta, Life, Line
from agent.replica.pen import known_there, life_of, log, log_life, logged, pen, revive, title_of
from agent.replica.reading import cover_of
from agent.store.transaction import transaction

Contents = Callable[[str], bytes]  # by digest


@dataclass(frozen=True, slots=True)
class Applied:
    """`changed`: whether anything here did. `notice`: what a person should hear about it."""

    changed: bool = False
    new: bool = False
    purged: bool = False
    notice: str = ""


def apply(connection: sqlite3.Connection, delta: Delta, contents: Contents, via: str) -> Applied:
    """`via`: the folder that knows it, so that it need not be told there again."""
    with transaction(connection):
        title = title_of(connection, delta.id)
        here = life_of(connection, delta.id)
        life = here
        if delta.life and (here is None or delta.life.stamp > here.stamp):
            life = delta.life
            log_life(connection, delta.id, delta.life, via)
        if life and life.purged:
            return _purged(connection, delta, life, contents, via, title)
        if not delta.kind:
            return Applied()
        return _take(connection, delta, contents, via, new=title is None)


def _take(connection: sqlite3.Connection, delta: Delta, contents: Contents, via: str, *, new: bool) -> Applied:
    with pen(connection):
        if new:
            _make(connection, delta)
        changed = [fields.take(connection, delta.id, name, it, via) for name, it in delta.fields.items()]
        changed += [fields.take_tags(connection, delta.id, delta.tags, via)]
        changed += [_line(connection, delta.id, line, contents, via) for line in delta.lines]
        connection.execute(
            "UPDATE artifact SET updated_at = ? WHERE id = ? AND updated_at < ?",
            (delta.updated_at, delta.id, delta.updated_at),
        )
        lines.follow(connection, delta.id)
    return Applied(any(changed) or new, new, notice=_bring_back(connection, delta.id))


def _purged(
    connection: sqlite3.Connection, delta: Delta, life: Life, contents: Contents, via: str, title: str | None
) -> Applied:
    """It goes; but where a person had written in it what the other did not know, it comes back, into the trash."""
    told = [line for line in delta.lines if not line.merge]
    unknown = lines.unknown_to(connection, delta.id, life.cover) or any(
        not lines.covers(life.cover, it.stamp) for it in told
    )
    if not unknown:
        with pen(connection):
            connection.execute("DELETE FROM artifact WHERE id = ?", (delta.id,))
        return Applied(title is not None, purged=title is not None)
    applied = _take(connection, delta, contents, via, new=title is None) if delta.kind else Applied()
    revive(connection, delta.id)
    connection.execute("UPDATE artifact SET trashed_at = coalesce(trashed_at, updated_at) WHERE id = ?", (delta.id,))
    named = title_of(connection, delta.id)
    return Applied(
        True, applied.new, notice=f"“{named}” was deleted for good on one laptop while somebody wrote in it on another."
        " It lies in the trash, with what was written.",
    )  # fmt: skip


def _make(connection: sqlite3.Connection, delta: Delta) -> None:
    connection.execute(
        "INSERT INTO artifact (id, kind, title, title_key, data, created_at, updated_at)"
        " VALUES (?, ?, '', '', ?, ?, ?)",
        (delta.id, delta.kind, json.dumps(dict(delta.data), ensure_ascii=False), delta.created_at, delta.updated_at),
    )


def _line(connection: sqlite3.Connection, artifact_id: str, line: Line, contents: Contents, via: str) -> bool:
    """A version that is here already may bring sources that were not known."""
    row = connection.execute("SELECT artifact_id, n FROM version_line WHERE uid = ?", (line.uid,)).fetchone()
    if row is None:
        blobs.put(connection, contents(line.sha256))
        n = lines.add(connection, artifact_id, line)
    elif row["artifact_id"] != artifact_id:  # nobody who is honest gives one name to two versions
        return False
    else:
        n = row["n"]
    before = lines.sources_of(connection, artifact_id, n)
    lines.note_sources(connection, artifact_id, n, line.sources)
    same = before | {*line.sources} == {*line.sources}
    if row is None or before != before | {*line.sources}:
        log(connection, artifact_id, "version", line.uid, line.stamp, via if same else "")
    elif same:
        known_there(connection, artifact_id, "version", line.uid, via)
    return row is None


def _bring_back(connection: sqlite3.Connection, artifact_id: str) -> str:
    """Out of the trash, where somebody else had written in it and whoever threw it away did not know of that."""
    row = logged(connection, artifact_id, "trash")
    trashed = connection.execute("SELECT trashed_at FROM artifact WHERE id = ?", (artifact_id,)).fetchone()
    if row is None or trashed is None or trashed[0] is None:
        return ""
    if not lines.unknown_to(connection, artifact_id, cover_of(row), but_of=row["replica"]):
        return ""
    connection.execute("UPDATE artifact SET trashed_at = NULL WHERE id = ?", (artifact_id,))
    return f"“{title_of(connection, artifact_id)}” came out of the trash: somebody wrote in it on another laptop."
