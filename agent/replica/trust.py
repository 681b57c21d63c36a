"""Whose words come out of a folder.

Under a passphrase they are the user's own, as his other laptop tells them. Into an open folder anybody may have written
them, under any laptop's name. So what comes out of one is marked among its sources (agent/library/sources.py), and a
mark goes along to laptops that are told of it under a passphrase. What an open folder says about marks counts for
nothing. A laptop that has the same without a mark, and says so under a passphrase, takes the mark away.
"""

import sqlite3
from collections.abc import Iterable

from agent.library.sources import SOURCE_CHARACTERS_MAX
from agent.replica import lines
from agent.replica.delta import Delta, Line
from agent.replica.pen import log, logged
from agent.replica.reading import dots_of, stamp_of

TEXT = "the open folder "  # a version that came out of it
NAME = "a name or date from the open folder "  # on the version that was the newest then
WORDED = ("title", "due", "event")


def marked(name: str) -> str:
    """The mark of a text out of the open folder of that name."""
    return " ".join(f"{TEXT}{name}".split())[:SOURCE_CHARACTERS_MAX]


def without_marks(sources: Iterable[str]) -> set[str]:
    return {source for source in sources if not source.startswith((TEXT, NAME))}


def told(sources: Iterable[str], heard: str) -> set[str]:
    """What another laptop's word about sources is worth. `heard`: the mark of the folder, "" under a passphrase."""
    return without_marks(sources) if heard else {*sources}


def told_of_known(connection: sqlite3.Connection, artifact_id: str, n: int, line: Line) -> set[str]:
    """Likewise, under a passphrase, of a version that is here: how it came elsewhere is no matter here, and a mark of
    names is not where all of them were given here. Without a mark it is vouched for."""
    here = connection.execute(
        "SELECT sha256 FROM artifact_version WHERE artifact_id = ? AND n = ?", (artifact_id, n)
    ).fetchone()
    if here["sha256"] == line.sha256 and not any(source.startswith(TEXT) for source in line.sources):
        _unmark(connection, artifact_id, TEXT, n)
    of_no_matter = (TEXT, NAME) if _are_ours(connection, artifact_id) else (TEXT,)
    return {source for source in line.sources if not source.startswith(of_no_matter)}


def name_mark(heard: str) -> str:
    return f"{NAME}{heard.removeprefix(TEXT)}"[:SOURCE_CHARACTERS_MAX]


def name_marks(connection: sqlite3.Connection, artifact_id: str) -> set[str]:
    """Of the newest version."""
    sources = lines.sources_of(connection, artifact_id, _head(connection, artifact_id))
    return {source for source in sources if source.startswith(NAME)}


def mark_names(connection: sqlite3.Connection, artifact_id: str, marks: set[str], via: str) -> None:
    """On the newest version, as a name given after reading is. `via`: an open folder, which makes nothing of a mark, so
    that the version is not told there again for it; "" else."""
    n = _head(connection, artifact_id)
    if marks <= lines.sources_of(connection, artifact_id, n):
        return
    lines.note_sources(connection, artifact_id, n, marks)
    line = connection.execute(
        "SELECT uid, hlc, replica FROM version_line WHERE artifact_id = ? AND n = ?", (artifact_id, n)
    ).fetchone()
    if line is None:
        return
    row = logged(connection, artifact_id, "version", line["uid"])
    known = row is not None and row["via"] == via
    log(connection, artifact_id, "version", line["uid"], stamp_of(line), via if known else "")


def vouch_for_names(connection: sqlite3.Connection, delta: Delta) -> None:
    """Under a passphrase: all names here are those that that laptop has, and none of them out of an open folder. Its
    word on that stands with the newest version."""
    newest = connection.execute(
        "SELECT n.uid FROM artifact a JOIN version_line n ON n.artifact_id = a.id AND n.n = a.head WHERE a.id = ?",
        (delta.id,),
    ).fetchone()
    if newest is None or newest["uid"] not in {line.uid for line in delta.lines}:
        return
    if any(source.startswith(NAME) for line in delta.lines for source in line.sources):
        return
    if all(_is_as_told(connection, delta, name) for name in WORDED) and dots_of(connection, delta.id) == delta.tags:
        _unmark(connection, delta.id, NAME)


def _are_ours(connection: sqlite3.Connection, artifact_id: str) -> bool:
    """Whether all names were given on this laptop: then another one's mark is about our own words."""
    me = connection.execute("SELECT id FROM replica").fetchone()[0]
    rows = [logged(connection, artifact_id, name) for name in (*WORDED, "tags")]
    return all(row["replica"] == me for row in rows if row is not None)


def _is_as_told(connection: sqlite3.Connection, delta: Delta, name: str) -> bool:
    row = logged(connection, delta.id, name)
    return row is None or (name in delta.fields and delta.fields[name].stamp == stamp_of(row))


def _head(connection: sqlite3.Connection, artifact_id: str) -> int:
    return int(connection.execute("SELECT head FROM artifact WHERE id = ?", (artifact_id,)).fetchone()[0])


def _unmark(connection: sqlite3.Connection, artifact_id: str, begins: str, n: int | None = None) -> None:
    connection.execute(
        "DELETE FROM artifact_source WHERE artifact_id = ? AND substr(source, 1, ?) = ? AND n = coalesce(?, n)",
        (artifact_id, len(begins), begins, n),
    )
