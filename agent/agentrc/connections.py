"""Accounts, channels, trackers, servers and actions: tables of one entry a name, complete or not in force.

A file's entry replaces an entry of the same name in a lower file whole: were they mixed key by key, a project could
keep the user's login and change only the server it is sent to. Variables and `--set` are the user in person; they
refine.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agent.agentrc import actions, servers
from agent.agentrc.errors import Problem
from agent.agentrc.keys import Path, format_key
from agent.agentrc.layers import FILES, Entry, Layer
from agent.agentrc.options import CONNECTIONS, REQUIRED


def incomplete(entries: Iterable[Entry]) -> dict[Path, Problem]:
    """The tables that lack what their kind needs, with the first thing lacking. Later entries of a key win."""
    tables: dict[Path, dict[str, Entry]] = {}
    for entry in entries:
        if entry.path[0] in CONNECTIONS:
            tables.setdefault(entry.path[:2], {})[_part(entry.path)] = entry
    return {table: problem for table, there in tables.items() if (problem := next(_missing(table, there), None))}


def _missing(table: Path, there: Mapping[str, Entry]) -> Iterator[Problem]:
    if table[0] == servers.TABLE:
        yield from (_at(there[part], words) for part, words in servers.missing(format_key(table[1:]), there))
        return
    if table[0] == actions.TABLE:
        first = next(iter(there.values()))
        yield from (_at(first, f"[{format_key(table)}] {fault}.") for fault in actions.faults(table[1], _plain(there)))
        return
    kinds = {kind: needs for (owner, kind), needs in REQUIRED.items() if owner == table[0]}
    named = f"[{format_key(table)}]"
    if "kind" not in there:
        first = next(iter(there.values()))
        yield _at(first, f'{named} needs kind = "{next(iter(kinds))}" (of {", ".join(kinds)}).')
        return
    kind = there["kind"]
    for name in kinds[str(kind.value)]:
        if name not in there:
            yield _at(kind, f"{named} of kind {kind.value} needs {name}.")


def _part(path: Path) -> str:
    """The key within its table; an action's arguments and headers are tables of their own."""
    return format_key(path[2:]) if path[0] == actions.TABLE else path[2]


def _plain(there: Mapping[str, Entry]) -> dict[str, Any]:
    """The table as the file has it."""
    plain: dict[str, Any] = {}
    for entry in there.values():
        within = plain.setdefault(entry.path[2], {}) if len(entry.path) > 3 else plain
        within[entry.path[-1]] = entry.value
    return plain


def _at(entry: Entry, text: str) -> Problem:
    return Problem(entry.where, entry.line, entry.column, text)


def owner_file(table: Path, layers: Iterable[Layer]) -> str | None:
    """The highest of the file layers that has this entry; entries of the files below it do not count."""
    having = [
        layer.name
        for layer in layers
        if layer.name in FILES and any(entry.path[:2] == table for entry in layer.entries)
    ]
    return having[-1] if having else None
