"""Looking into the outbox: pages, filters, words, counts. A page costs what it shows, however many items there are.

Every filter has an index that ends in (state, seq), so a page of one state is read off it in order; a page of several
states is the best of theirs. Words are found by FTS5 over the sentences. Few that pass the other filters are asked
about one by one, many are read off the word's own index in order of seq.
"""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sync.errors import NotAllowedError
from sync.item import Item, from_row
from sync.states import State

LISTED_MAX = 10_000
PLACES_MAX = 10_000
FEW = 1_000  # candidates that are asked about one by one
WORDS_MAX = 32

_WORD = re.compile(r"\w+", re.UNICODE)
_FILTERS = (  # the narrowest first: its index is used, the others are checked on the rows
    ("conversation_id", "outbox_item_conversation"),
    ("destination", "outbox_item_place"),
    ("tool", "outbox_item_tool"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. `after`: the seq of the last item of the page before."""

    states: tuple[State, ...] = ()
    destination: str | None = None
    conversation_id: str | None = None
    tool: str | None = None
    text: str = ""
    after: int | None = None
    newest_first: bool = False

    @property
    def order(self) -> str:
        return "DESC" if self.newest_first else "ASC"

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Without the states, and whose index to use."""
        where, values = list[str](), list[Any]()
        for name, _ in _FILTERS:
            if (value := getattr(self, name)) is not None:
                where.append(f"{name} = ?")
                values.append(value)
        if self.after is not None:
            where.append("seq < ?" if self.newest_first else "seq > ?")
            values.append(self.after)
        return where, values

    def index(self) -> str:
        return next((index for name, index in _FILTERS if getattr(self, name) is not None), "")


def page(connection: sqlite3.Connection, wanted: Wanted, limit: int) -> list[Item]:
    limit = max(min(limit, LISTED_MAX), 0)
    marks = ", ".join(map(str, _seqs(connection, wanted, limit)))
    rows = connection.execute(f"SELECT * FROM outbox_item WHERE seq IN ({marks}) ORDER BY seq {wanted.order}")  # noqa: S608  numbers
    return [from_row(row) for row in rows]


def ids(connection: sqlite3.Connection, wanted: Wanted, limit: int) -> tuple[list[str], bool]:
    """Without what the items carry; and whether there are more."""
    limit = max(min(limit, LISTED_MAX), 0)
    seqs = _seqs(connection, wanted, limit + 1)
    marks = ", ".join(map(str, seqs[:limit]))
    rows = connection.execute(f"SELECT id FROM outbox_item WHERE seq IN ({marks}) ORDER BY seq {wanted.order}")  # noqa: S608  numbers
    return [row["id"] for row in rows], len(seqs) > limit


def carrying(connection: sqlite3.Connection, tool: str, name: str, value: str, limit: int) -> list[Item]:
    """Newest first. Reads every item of the tool, so it is for tools of which there are few."""
    rows = connection.execute(
        "SELECT * FROM outbox_item INDEXED BY outbox_item_tool WHERE tool = ? AND json_extract(payload, ?) = ? "
        "ORDER BY seq DESC LIMIT ?",
        (tool, f'$."{name}"', value, max(min(limit, LISTED_MAX), 0)),
    )
    return [from_row(row) for row in rows]


def newest(connection: sqlite3.Connection, ids: Iterable[str], edits_max: int) -> dict[str, Item]:
    """Each id's item, or the one that edits put in its place; ids of none are left out."""
    rows = connection.execute(
        "WITH RECURSIVE line (asked, id, edits) AS ("
        "SELECT value, value, 0 FROM json_each(?) UNION ALL "
        "SELECT asked, newer.id, edits + 1 FROM line JOIN outbox_item AS older ON older.id = line.id "
        "JOIN outbox_item AS newer ON newer.replaces = older.id WHERE older.state = 'cancelled' AND edits < ?) "
        "SELECT asked, outbox_item.* FROM line JOIN outbox_item ON outbox_item.id = line.id ORDER BY edits",
        (json.dumps(list(dict.fromkeys(ids))[:LISTED_MAX]), edits_max),
    )
    return {row["asked"]: from_row(row, "asked") for row in rows}


def _seqs(connection: sqlite3.Connection, wanted: Wanted, limit: int) -> list[int]:
    return _found(connection, wanted, limit) if wanted.text.strip() else _filtered(connection, wanted, limit)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """State to how many; states without items are left out."""
    rows = connection.execute("SELECT state, rows FROM outbox_tally WHERE rows > 0")
    return {row["state"]: row["rows"] for row in rows}


def places(connection: sqlite3.Connection, limit: int, after: str) -> dict[str, dict[str, int]]:
    """Destination to state to how many, by name."""
    rows = connection.execute(
        "SELECT destination, state, rows FROM outbox_place WHERE destination IN "
        "(SELECT DISTINCT destination FROM outbox_place WHERE destination > ? ORDER BY destination LIMIT ?) "
        "ORDER BY destination, state",
        (after, max(min(limit, PLACES_MAX), 0)),
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["destination"], {})[row["state"]] = row["rows"]
    return found


def states_of(names: Iterable[str]) -> tuple[State, ...]:
    return tuple(_state(name) for name in dict.fromkeys(names))


def _filtered(connection: sqlite3.Connection, wanted: Wanted, limit: int) -> list[int]:
    where, values = wanted.conditions()
    index = wanted.index()
    if wanted.states or index:  # a page of each state by its index, then the best of those
        pages = [
            f"SELECT * FROM (SELECT seq FROM outbox_item INDEXED BY {index or 'outbox_item_state'} "  # noqa: S608
            f"WHERE {' AND '.join(('state = ?', *where))} ORDER BY seq {wanted.order} LIMIT ?)"
            for _ in wanted.states or State
        ]
        found = [value for state in wanted.states or State for value in (state.value, *values, limit)]
    else:
        pages = [f"SELECT seq FROM outbox_item WHERE {' AND '.join(('1', *where))}"]  # noqa: S608
        found = values
    rows = connection.execute(f"{' UNION ALL '.join(pages)} ORDER BY seq {wanted.order} LIMIT ?", (*found, limit))
    return [row[0] for row in rows]


def _found(connection: sqlite3.Connection, wanted: Wanted, limit: int) -> list[int]:
    words = [f'"{word}"' for word in _WORD.findall(wanted.text)[:WORDS_MAX]]
    if not words:
        return []
    match = f"{' '.join(words)}*"  # the last one may not be typed to its end
    few = _filtered(connection, wanted, FEW + 1)
    if len(few) <= FEW:
        hit = "SELECT 1 FROM outbox_words WHERE outbox_words MATCH ? AND rowid = ?"
        return [seq for seq in few if connection.execute(hit, (match, seq)).fetchone()][:limit]
    where, values = wanted.conditions()
    if wanted.states:
        where.append(f"state IN ({', '.join('?' * len(wanted.states))})")
        values += [state.value for state in wanted.states]
    rows = connection.execute(
        f"SELECT seq FROM outbox_words CROSS JOIN outbox_item ON seq = outbox_words.rowid "  # noqa: S608
        f"WHERE {' AND '.join(('outbox_words MATCH ?', *where))} ORDER BY outbox_words.rowid {wanted.order} LIMIT ?",
        (match, *values, limit),
    )
    return [row[0] for row in rows]


def _state(name: str) -> State:
    try:
        return State(name)
    except ValueError:
        raise NotAllowedError(f"There is no state {name!r}.", "outbox", f"One of: {', '.join(State)}.") from None
