"""A delta of another laptop, taken into the library: the same outcome in any order, and nothing for a second time.

Fields and tags: fields.py. Versions: all of them; where the newest one here is before the new one, the new one is the
head, else joining.py makes one of both. What was deleted for good stays so unless somebody had written in it meanwhile.
Whose words they are: trust.py.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from agent.library import blobs
from agent.replica import fields, lines, trust
from agent.replica.delta import Delta, Life, Line
from agent.replica.pen import known_there, life_of, log, log_life, logged, pen, retell, revive, title_of
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


@dataclass(frozen=True, slots=True)
class Road:
    """How it came. `via`: the folder that knows it, so that it need not be told there again; `heard`: the mark of what
    strangers may have written there, "" under a passphrase."""

    via: str
    heard: str = ""


def apply(connection: sqlite3.Connection, delta: Delta, contents: Contents, road: Road) -> Applied:
    with transaction(connection):
        title = title_of(connection, delta.id)
        here = life_of(connection, delta.id)
        life = here
        renewed = delta.life is not None and (here is None or delta.life.stamp > here.stamp)
        if delta.life and renewed:
            life = delta.life
            log_life(connection, delta.id, delta.life, road.via)
        if life and life.purged:
            return _purged(connection, delta, life, contents, road, title)
        if not delta.kind:
            return Applied()
        applied = _take(connection, delta, contents, road, new=title is None)
        if renewed and title is not None:  # whoever brought it back had let go even of what he had told himself
            retell(connection, delta.id)
        return applied


def _take(connection: sqlite3.Connection, delta: Delta, contents: Contents, road: Road, *, new: bool) -> Applied:
    with pen(connection):
        if new:
            _make(connection, delta)
        marks = trust.name_marks(connection, delta.id)
        taken = {name: fields.take(connection, delta.id, name, it, road.via) for name, it in delta.fields.items()}
        taken["tags"] = fields.take_tags(connection, delta.id, delta.tags, road.via)
        changed = [*taken.values(), *(_line(connection, delta.id, line, contents, road) for line in delta.lines)]
        connection.execute(
            "UPDATE artifact SET updated_at = ? WHERE id = ? AND updated_at < ?",
            (delta.updated_at, delta.id, delta.updated_at),
        )
        lines.follow(connection, delta.id)
        if road.heard and any(taken.get(name) for name in (*trust.WORDED, "tags")):
            marks.add(trust.name_mark(road.heard))
        via = road.via if road.heard else ""
        trust.mark_names(connection, delta.id, marks, via)  # the newest version may be another one by now
        if not road.heard:
            trust.vouch_for_names(connection, delta)
    return Applied(any(changed) or new, new, notice=_bring_back(connection, delta.id))


def _purged(
    connection: sqlite3.Connection, delta: Delta, life: Life, contents: Contents, road: Road, title: str | None
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
    applied = _take(connection, delta, contents, road, new=title is None) if delta.kind else Applied()
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


def _line(connection: sqlite3.Connection, artifact_id: str, line: Line, contents: Contents, road: Road) -> bool:
    """A version that is here already may bring sources that were not known."""
    row = connection.execute("SELECT artifact_id, n FROM version_line WHERE uid = ?", (line.uid,)).fetchone()
    if row is None:
        blobs.put(connection, contents(line.sha256))
        n = lines.add(connection, artifact_id, line)
        lines.note_sources(connection, artifact_id, n, [road.heard] if road.heard else [])
    elif row["artifact_id"] != artifact_id:  # nobody who is honest gives one name to two versions
        return False
    else:
        n = row["n"]
    told = trust.told(line.sources, road.heard)
    if row is not None and not road.heard:
        told = trust.told_of_known(connection, artifact_id, n, line)
    before = lines.sources_of(connection, artifact_id, n)
    lines.note_sources(connection, artifact_id, n, told)
    same = trust.without_marks(before) <= told
    if row is None or not told <= before:
        log(connection, artifact_id, "version", line.uid, line.stamp, road.via if same else "")
    elif same:
        known_there(connection, artifact_id, "version", line.uid, road.via)
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
