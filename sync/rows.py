"""Rows of the outbox: the only module that writes them. Every change of state goes through `move`, which checks it
against MOVES and writes the timeline in the same transaction."""

import contextlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sync import boundaries, clocks
from sync.boundaries import Boundary
from sync.errors import ItemNotFoundError, NotAllowedError
from sync.intent import Intent, canonical
from sync.item import Item, from_row
from sync.plans import Plans
from sync.states import MOVES, State
from sync.transaction import transaction

ERROR_CHARACTERS_MAX = 1_000
TOUCHED_MAX = 10_000
# The index is named because the planner, without statistics, prefers the one on states and reads every row of them.
_ACTIVE = "outbox_item INDEXED BY outbox_item_active WHERE state IN ('queued', 'failed', 'sending') AND waits_for = 0"

Clock = Callable[[], float]


class Rows:
    """`clock`: unix seconds. `boundary` is told each moment at which the process might die (sync/boundaries.py)."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, boundary: Boundary = boundaries.passed) -> None:
        self.connection = connection
        self.boundary = boundary
        self.plans = Plans(self)
        self._touched: dict[str, None] = {}  # changed because another item moved, at most TOUCHED_MAX
        self._clock = clock

    def touch(self, item_id: str) -> None:
        self._touched[item_id] = None
        if len(self._touched) > TOUCHED_MAX:
            del self._touched[next(iter(self._touched))]

    def touched(self) -> list[Item]:
        """What changed because another item moved, since this was last asked; what was erased since is left out."""
        found = []
        for item_id in self.forget_touched():
            with contextlib.suppress(ItemNotFoundError):
                found.append(self.get(item_id))
        return found

    def forget_touched(self) -> list[str]:
        ids, self._touched = list(self._touched), {}
        return ids

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
            "waits_for": len({need.item_id for need in intent.needs}),
        }  # fmt: skip
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with transaction(self.connection):
            self.connection.execute(
                f"INSERT INTO outbox_item ({names}) VALUES ({marks})",  # noqa: S608  names are the literals above
                tuple(values.values()),
            )
            self.boundary("enqueue: row written")
            self._remember(item_id, now, state, "Waits for your approval." if approval else "Queued.")
            item = self.get(item_id)
            if intent.needs:
                item = self.plans.add(item, intent.needs)
            self.boundary("enqueue: history written")
        self.boundary("enqueue: committed")
        return item

    def move(self, item: Item, state: State, what: str, **changes: Any) -> Item:
        """On a transaction that has read `item`: to `state`, with other columns changed alongside."""
        if state not in MOVES[item.state]:
            raise NotAllowedError(f"An item that is {item.state} cannot become {state}.", item.id, "Look at it again.")
        plain = {"state": state.value, "lease_owner": None, "lease_until": None, "offering": 0, "conflict": None}
        self._write(item, {**plain, **changes})
        self._remember(item.id, self.now_ms(), state, what)
        self.plans.moved(item.state, self.get(item.id))
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

    def due(self, now: int, limit: int, wait_max: int) -> list[tuple[str, int]]:
        """Destinations whose oldest active item may move now, with its seq; the longest due first. A time further away
        than any wait was written while the clock was wrong and binds nobody."""
        found = list[tuple[str, int]]()
        for due in (f"due_at <= {now}", f"due_at > {now + wait_max}"):
            rows = self.connection.execute(
                f"SELECT destination, seq FROM outbox_head WHERE {due} ORDER BY due_at, destination LIMIT ?",  # noqa: S608
                (limit - len(found),),
            )
            found += [(row["destination"], row["seq"]) for row in rows]
        return found

    def at(self, seq: int) -> Item | None:
        row = self.connection.execute("SELECT * FROM outbox_item WHERE seq = ?", (seq,)).fetchone()
        return from_row(row) if row else None

    def next_due_ms(self) -> int | None:
        due: int | None = self.connection.execute("SELECT min(due_at) FROM outbox_head").fetchone()[0]
        return due

    def head(self, destination: str) -> Item | None:
        row = self.connection.execute(
            f"SELECT * FROM {_ACTIVE} AND destination = ? ORDER BY seq LIMIT 1",  # noqa: S608
            (destination,),
        ).fetchone()
        return from_row(row) if row else None

    def rejuvenated(self, item: Item, now: int) -> Item:
        changes = clocks.rejuvenated(item, now)
        if not changes:
            return item
        what = "It was written down while the clock was wrong; its time counts anew."
        return self.change(item, what, **changes)

    def each_put_off(self, change: Callable[[Item, int], Mapping[str, Any]], at_once: int) -> None:
        """For heads whose time has not come, in short transactions."""
        now = self.now_ms()
        after = (now, "")
        while heads := self._put_off(now, after, at_once):
            with transaction(self.connection):
                for _, _, seq in heads:
                    item = self.at(seq)
                    if item is not None and item.state is not State.SENDING and (changes := change(item, now)):
                        self.change(item, "", **changes)
            after = heads[-1][:2]

    def _put_off(self, now: int, after: tuple[int, str], limit: int) -> list[tuple[int, str, int]]:
        """Heads whose time has not come, page by page: due_at, destination, seq."""
        rows = self.connection.execute(
            "SELECT due_at, destination, seq FROM outbox_head WHERE due_at > ? AND (due_at, destination) > (?, ?) "
            "ORDER BY due_at, destination LIMIT ?",
            (now, *after, limit),
        )
        return [(row["due_at"], row["destination"], row["seq"]) for row in rows]

    def _write(self, item: Item, changes: Mapping[str, Any]) -> None:
        values = {"updated_at": self.now_ms(), **changes}
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
