"""Items that need others first: they wait, take over what those brought, and say so when one of them is held up.

All of it happens in the transaction in which the needed item moves (rows.py calls `moved` for every move), so no
process ever sees an item that could go with a placeholder in it: as long as one need is open, `waits_for` keeps it out
of what may be sent. A need is done when its item is delivered and, if it has a placeholder, that is filled.
Circles cannot be: an item can only need what was there before it, and a successor takes the place of its predecessor.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sync import placeholders
from sync.errors import InvalidIntentError
from sync.intent import PAYLOAD_BYTES_MAX, SENTENCE_CHARACTERS_MAX, Need, canonical, fingerprint
from sync.item import Item
from sync.pauses import line_until_ms
from sync.states import State

DEPENDENTS_MAX = 100  # items that wait for one; what one receipt changes stays a short transaction
QUOTED_CHARACTERS_MAX = 80

_PARTS = {"reference": "number", "url": "link", "text": "answer"}
_HELD_UP: Mapping[State, str] = {
    State.REJECTED: "was refused",
    State.UNKNOWN: "may or may not have arrived",
    State.CONFLICT: "waits for your decision",
    State.EXPIRED: "became too old",
    State.CANCELLED: "was taken back",
}
_OPEN = "SELECT {what} FROM outbox_need AS need JOIN outbox_item AS item ON item.id = need.needs_id " \
        "WHERE need.item_id = ? AND need.done = 0"  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Filling:
    """What the receipts of one moment mean for an item."""

    changes: Mapping[str, Any]
    done: tuple[tuple[str, str], ...]  # of these needs nothing is open any more: the item's id and the placeholder
    brought: str  # for the timeline
    lacks: str  # why a placeholder cannot be filled; "" when all can


class Ledger(Protocol):
    """What is needed of sync/rows.py, the only writer of items."""

    connection: sqlite3.Connection

    def now_ms(self) -> int: ...

    def get(self, item_id: str) -> Item: ...

    def head(self, destination: str) -> Item | None: ...

    def touch(self, item_id: str) -> None: ...

    def move(self, item: Item, state: State, what: str, **changes: Any) -> Item: ...

    def change(self, item: Item, what: str, **changes: Any) -> Item: ...


class Plans:
    def __init__(self, rows: Ledger) -> None:
        self._rows = rows
        self._connection = rows.connection

    def check(self, needs: Iterable[Need]) -> None:
        """Whether these can be waited for. On the transaction that adds the item."""
        for need in needs:
            if not self._connection.execute("SELECT 1 FROM outbox_item WHERE id = ?", (need.item_id,)).fetchone():
                what = "It is to wait for an item that is not in the outbox."
                raise InvalidIntentError(what, need.item_id, "Put that one in first.")
            waiting = self._connection.execute(
                "SELECT count(DISTINCT item_id) FROM outbox_need WHERE needs_id = ? AND done = 0", (need.item_id,)
            ).fetchone()[0]
            if waiting >= DEPENDENTS_MAX:
                what = f"{DEPENDENTS_MAX} items wait for that one already."
                raise InvalidIntentError(what, need.item_id, "Let this one wait for one of those.")

    def add(self, item: Item, needs: Iterable[Need]) -> Item:
        """Right after the item was written."""
        self._connection.executemany(
            "INSERT INTO outbox_need (item_id, needs_id, token, takes) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(item.id, need.item_id, need.token, need.takes) for need in needs],
        )
        item = self.settle(item)
        self._say(item)
        return self._rows.get(item.id)

    def moved(self, before: State, item: Item) -> None:
        """It went from `before` to where it is: those that need it take over what it brought, or say that they wait."""
        if item.state is not State.DELIVERED and before not in _HELD_UP and item.state not in _HELD_UP:
            return
        for row in self._connection.execute(
            "SELECT DISTINCT item_id FROM outbox_need WHERE needs_id = ? AND done = 0 LIMIT ?",
            (item.id, DEPENDENTS_MAX),
        ).fetchall():
            dependent = self._rows.get(row["item_id"])
            self._say(self.settle(dependent) if item.state is State.DELIVERED else dependent)
            self._rows.touch(dependent.id)

    def settle(self, item: Item) -> Item:
        """Fill in what the delivered ones among its needs brought. Lacks one of them what was meant to be taken from
        it, the item becomes a conflict; edited so that no placeholder stands in it, it waits no longer."""
        if item.state in (State.DELIVERED, State.SENDING):
            return item
        found = self._connection.execute(
            _OPEN.format(what="need.*, item.sentence, item.receipt") + " AND item.state = 'delivered'", (item.id,)
        ).fetchall()
        filling = _fill(item, found, self.unfilled(item)) if found else None
        if filling:
            self._connection.executemany(
                "UPDATE outbox_need SET done = 1 WHERE item_id = ? AND needs_id = ? AND token = ?",
                [(item.id, *need) for need in filling.done],
            )
        waits_for = self._waits_for(item)
        if not filling and waits_for == item.waits_for:
            return item
        changes = {**(filling.changes if filling else {}), "waits_for": waits_for}
        if filling and filling.lacks and item.state in (State.WAITING_APPROVAL, State.QUEUED):
            sides = {"what": filling.lacks, "then": "It was to carry what another item brings.", "now": filling.lacks}
            return self._rows.move(
                item, State.CONFLICT, filling.lacks, conflict=sides, last_error=filling.lacks, **changes
            )
        if not waits_for:
            changes |= self._paused(item)
        return self._rows.change(item, filling.brought if filling else "", **changes)

    def unfilled(self, item: Item) -> list[str]:
        """Placeholders that stand in it and are not filled yet."""
        rows = self._connection.execute("SELECT token FROM outbox_need WHERE item_id = ? AND done = 0", (item.id,))
        return [row["token"] for row in rows if row["token"] and _carries(item, row["token"])]

    def let_go(self, item: Item) -> Item:
        """It waits for nothing any more. Only without placeholders."""
        self._connection.execute("DELETE FROM outbox_need WHERE item_id = ? AND done = 0", (item.id,))
        what = "You let it go without what it waited for."
        return self._rows.change(item, what, waits_for=0, last_error=None, **self._paused(item))

    def take_over(self, old: Item, new: Item) -> Item:
        """The successor of an edit waits for what the old one waited for, and is waited for in its place."""
        self._connection.execute(
            "UPDATE OR IGNORE outbox_need SET item_id = ? WHERE item_id = ? AND done = 0", (new.id, old.id)
        )
        waiting = self._connection.execute(
            "SELECT DISTINCT item_id FROM outbox_need WHERE needs_id = ? AND done = 0", (old.id,)
        ).fetchall()
        self._connection.execute(
            "UPDATE OR IGNORE outbox_need SET needs_id = ? WHERE needs_id = ? AND done = 0", (new.id, old.id)
        )
        for row in waiting:
            self._say(self._rows.get(row["item_id"]))
            self._rows.touch(row["item_id"])
        return self.settle(new)

    def say(self, item: Item) -> Item:
        """After its own text was changed."""
        self._say(item)
        return self._rows.get(item.id)

    # Inner

    def _paused(self, item: Item) -> dict[str, int]:
        """It was not in line so far; whoever is first there may wait out a pause that the destination asked for."""
        held = max(item.held_until, line_until_ms(self._rows, item))
        return {"held_until": held, "next_attempt_at": max(item.next_attempt_at, held)}

    def _waits_for(self, item: Item) -> int:
        row = self._connection.execute(
            "SELECT count(DISTINCT needs_id) FROM outbox_need WHERE item_id = ? AND done = 0", (item.id,)
        ).fetchone()
        return int(row[0])

    def _say(self, item: Item) -> None:
        """What it waits for, if that cannot go by itself."""
        if not item.waits_for or item.state not in (State.WAITING_APPROVAL, State.QUEUED):
            return
        states = ", ".join("?" * len(_HELD_UP))
        row = self._connection.execute(
            _OPEN.format(what="item.sentence, item.state") + f" AND item.state IN ({states}) ORDER BY item.seq LIMIT 1",
            (item.id, *(state.value for state in _HELD_UP)),
        ).fetchone()
        words = self._waits_words(item, row["sentence"], State(row["state"])) if row else None
        if words != item.last_error:
            self._rows.change(item, words or "What it waits for goes on.", last_error=words)

    def _waits_words(self, item: Item, sentence: str, state: State) -> str:
        """What was taken back is settled already: the way on is this one's."""
        todo = "Settle that one, or change or cancel this one."
        if state is State.CANCELLED:
            free = "change" if self.unfilled(item) else f"send (carryon outbox free {item.id[:8]})"
            todo = f"Put that one back, or {free} or cancel this one."
        return f"It waits for {_quoted(sentence)}, which {_HELD_UP[state]}. {todo}"


def _fill(item: Item, found: list[sqlite3.Row], open_tokens: list[str]) -> _Filling:
    """`open_tokens`: all that are not filled yet; what a destination says must not smuggle one in."""
    values, done, brought, lacks = dict[str, str](), list[tuple[str, str]](), list[str](), ""
    for row in found:
        if row["token"] and _carries(item, row["token"]):
            value = _part(row["receipt"], row["takes"])
            if not value.strip(".") or any(token in value for token in open_tokens):
                lacks = f"{_quoted(row['sentence'])} brought no {_PARTS[row['takes']]} that could be put in."
                continue
            values[row["token"]] = value
            brought.append(f"The {_PARTS[row['takes']]} that {_quoted(row['sentence'])} brought was put in: {value}")
        done.append((row["needs_id"], row["token"]))
    changes = _filled(item, values)
    if changes is None:
        return _Filling({}, (), "", "With what was brought it would be too long to send.")
    return _Filling(changes, tuple(done), " ".join(brought), lacks)


def _filled(item: Item, values: Mapping[str, str]) -> dict[str, Any] | None:
    """The columns that change; None if it would become too long."""
    if not values:
        return {}
    args, payload = placeholders.put_in(dict(item.args), values), placeholders.put_in(dict(item.payload), values)
    if len(canonical([args, payload]).encode()) > PAYLOAD_BYTES_MAX:
        return None
    sentence = placeholders.put_in(item.sentence, values)
    if len(sentence) > SENTENCE_CHARACTERS_MAX:
        sentence = f"{sentence[: SENTENCE_CHARACTERS_MAX - 1]}…"
    return {
        "args": canonical(args),
        "payload": canonical(payload),
        "sentence": sentence,
        "fingerprint": fingerprint(item.tool, item.destination, args, payload),
    }


def _carries(item: Item, token: str) -> bool:
    return placeholders.stands_in([item.args, item.payload, item.sentence], token)


def _part(receipt: str | None, name: str) -> str:
    """The user's own word that it arrived is no answer of the destination."""
    facts = json.loads(receipt) if receipt else {}
    if name == "text" and facts.get("by"):
        return ""
    return placeholders.plain(str(facts.get(name, "")))


def _quoted(sentence: str) -> str:
    short = sentence if len(sentence) <= QUOTED_CHARACTERS_MAX else f"{sentence[: QUOTED_CHARACTERS_MAX - 1]}…"
    return f"“{short}”"
