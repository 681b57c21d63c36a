"""Rows of the outbox: the only module that writes them. Every change of state goes through `move`, which checks it
against MOVES and writes the timeline in the same transaction."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sync import boundaries
from sync.boundaries import Boundary
from sync.errors import ItemNotFoundError, NotAllowedError
from sync.intent import Intent, canonical
from sync.item import Item, from_row
from sync.states import MOVES, State
from sync.transaction import transaction

ERROR_CHARACTERS_MAX = 1_000
# The index is named because the planner, without statistics, prefers the one on states and reads every row of them.
_ACTIVE = "outbox_item INDEXED BY outbox_item_active WHERE state IN ('queued', 'failed', 'sending') AND waits_for = 0"

Clock = Callable[[], float]


class Rows:
    """`clock`: unix seconds. `boundary` is told each moment at which the process might die (sync/boundaries.py)."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, boundary: Boundary = boundaries.passed) -> None:
        self.connection = connection
        self.boundary = boundary
        self._clock = clock

    def now_ms(self) -> int:
        return int(self._clock() * 1_000)

    def get(self, item_id: str) -> Item:
        row = self.connection.execute("SELECT * FROM outbox_item WHERE id = ?", (item_id,)).fetchone()
        if row is None:
            raise ItemNotFoundError(
                "There is no such item in the outbox.", item_id, "List them to see which there are."
            )
        return from_row(row)

    def add(self, intent: Intent, *, approval: bool, expires_at: int) -> Item:
        now = self.now_ms()
        state = State.WAITING_APPROVAL if approval else State.QUEUED
        item_id = str(uuid.uuid4())
        values = {
            "id": item_id, "tool": intent.tool, "args": canonical(dict(intent.args)),
            "destination": intent.destination, "payload": canonical(dict(intent.payload)),
            "sentence": intent.sentence, "fingerprint": intent.fingerprint, "state": state.value,
            "needs_approval": int(approval), "created_at": now, "updated_at": now, "expires_at": expires_at,
            "conversation_id": intent.conversation_id, "turn_id": intent.turn_id, "call_id": intent.call_id,
            "replaces": intent.replaces, "basis": _text(intent.basis), "sources": _text(intent.sources),
        }  # fmt: skip
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with transaction(self.connection):
            self.connection.execute(
                f"INSERT INTO outbox_item ({names}) VALUES ({marks})",  # noqa: S608  names are the literals above
                tuple(values.values()),
            )
            self.boundary("enqueue: row written")
            self._remember(item_id, now, state, "Waits for your approval." if approval else "Queued.")
            self.boundary("enqueue: history written")
        self.boundary("enqueue: committed")
        return self.get(item_id)

    def move(self, item: Item, state: State, what: str, **changes: Any) -> Item:
        """On a transaction that has read `item`: to `state`, with other columns changed alongside."""
        if state not in MOVES[item.state]:
            raise NotAllowedError(f"An item that is {item.state} cannot become {state}.", item.id, "Look at it again.")
        self._write(item, {"state": state.value, "lease_owner": None, "lease_until": None, "offering": 0, **changes})
        self._remember(item.id, self.now_ms(), state, what)
        return self.get(item.id)

    def change(self, item: Item, what: str, **changes: Any) -> Item:
        """Like `move`, but it stays where it is. An empty `what` leaves no line in the timeline."""
        self._write(item, changes)
        if what:
            self._remember(item.id, self.now_ms(), item.state, what)
        return self.get(item.id)

    def timeline(self, item_id: str) -> list[dict[str, Any]]:
        rows = self.connection.execute(
            "SELECT at, state, what FROM outbox_history WHERE item_id = ? ORDER BY id", (item_id,)
        )
        return [dict(row) for row in rows]

    def heads(self) -> list[Item]:
        """The oldest active item of each destination: the only one that may move. Steps from name to name through the
        partial index, so its cost grows with the destinations and not with the items."""
        rows = self.connection.execute(
            f"""
            WITH RECURSIVE place (name) AS (
                SELECT min(destination) FROM {_ACTIVE}
                UNION ALL
                SELECT (SELECT min(destination) FROM {_ACTIVE} AND destination > place.name)
                FROM place WHERE place.name IS NOT NULL
            )
            SELECT item.* FROM place JOIN outbox_item AS item ON item.seq = (
                SELECT min(seq) FROM {_ACTIVE} AND destination = place.name
            ) WHERE place.name IS NOT NULL
            """  # noqa: S608  a constant
        )
        return [from_row(row) for row in rows]

    def head(self, destination: str) -> Item | None:
        row = self.connection.execute(
            f"SELECT * FROM {_ACTIVE} AND destination = ? ORDER BY seq LIMIT 1",  # noqa: S608
            (destination,),
        ).fetchone()
        return from_row(row) if row else None

    def _write(self, item: Item, changes: Mapping[str, Any]) -> None:
        values = {**changes, "updated_at": self.now_ms()}
        for name in ("receipt", "basis", "conflict"):
            if isinstance(values.get(name), Mapping):
                values[name] = json.dumps(dict(values[name]), ensure_ascii=False)
        if isinstance(values.get("sources"), list):
            values["sources"] = canonical(values["sources"])
        if values.get("last_error"):
            values["last_error"] = str(values["last_error"])[:ERROR_CHARACTERS_MAX]
        assignments = ", ".join(f"{name} = ?" for name in values)
        self.connection.execute(
            f"UPDATE outbox_item SET {assignments} WHERE id = ?",  # noqa: S608  names are keyword arguments of our own
            (*values.values(), item.id),
        )

    def _remember(self, item_id: str, at: int, state: State, what: str) -> None:
        self.connection.execute(
            "INSERT INTO outbox_history (item_id, at, state, what) VALUES (?, ?, ?, ?)",
            (item_id, at, state.value, what[:ERROR_CHARACTERS_MAX]),
        )


def _text(value: Mapping[str, Any] | tuple[str, ...] | None) -> str | None:
    if not value:
        return None
    return canonical(dict(value) if isinstance(value, Mapping) else list(value))
