"""The user's side of the outbox: what is put in, looked at, approved, edited, taken back, decided.

Sending is the other side: sync/leases.py. Both stand on sync/rows.py, on one connection of one thread. `enqueue` joins
the caller's transaction, so a call and its item commit together or not at all.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sync import boundaries
from sync.boundaries import Boundary
from sync.errors import NotAllowedError, OutboxFullError
from sync.intent import Intent, canonical, check
from sync.item import Item, from_row
from sync.rows import Clock, Rows
from sync.states import OPEN, State
from sync.transaction import transaction

OPEN_ROWS_MAX = 250_000
EXPIRES_AFTER_MS = 7 * 86_400_000
LISTED_MAX = 10_000
REPLACED_MAX = 100  # edits of one item that are followed

_NEVER_SENT = (State.WAITING_APPROVAL, State.QUEUED, State.FAILED)
_SET_ASIDE = (State.REJECTED, State.CONFLICT, State.EXPIRED)


class Outbox:
    """Every method that changes something returns the item as it now stands on disk."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, boundary: Boundary = boundaries.passed) -> None:
        self._connection = connection
        self._rows = Rows(connection, clock, boundary)

    # Put in and look at

    def enqueue(self, intent: Intent, *, approval: bool) -> Item:
        """Store it. With `approval` nothing leaves before `approve`. Raises InvalidIntentError, OutboxFullError."""
        check(intent)
        counts = self.counts()
        if sum(counts.get(state, 0) for state in OPEN) >= OPEN_ROWS_MAX:
            raise OutboxFullError(
                f"The outbox already holds {OPEN_ROWS_MAX} items that are not done.", "outbox", "Cancel some first."
            )
        expires_at = intent.expires_at or self._rows.now_ms() + EXPIRES_AFTER_MS
        return self._rows.add(intent, approval=approval, expires_at=expires_at)

    def get(self, item_id: str) -> Item:
        return self._rows.get(item_id)

    def newest(self, item_id: str) -> Item:
        """The item, or the one that an edit put in its place; the id that somebody noted may be an older one's."""
        item = self.get(item_id)
        for _ in range(REPLACED_MAX):
            if item.state is not State.CANCELLED:  # only a cancelled one can have been replaced
                break
            row = self._connection.execute("SELECT * FROM outbox_item WHERE replaces = ?", (item.id,)).fetchone()
            if row is None:
                break
            item = from_row(row)
        return item

    def timeline(self, item_id: str) -> list[dict[str, Any]]:
        """What happened to it, oldest first: {"at", "state", "what"}."""
        self.get(item_id)
        return self._rows.timeline(item_id)

    def list(
        self,
        states: Iterable[str] = (),
        destination: str | None = None,
        limit: int = 1_000,
        after: str | None = None,
        *,
        newest_first: bool = False,
    ) -> list[Item]:
        """Oldest first unless asked otherwise. `after`: the id of the last item of the page before."""
        where, values = ["1"], list[Any]()
        if destination is not None:
            where.append("destination = ?")
            values.append(destination)
        if after is not None:
            where.append("seq < ?" if newest_first else "seq > ?")
            values.append(self.get(after).seq)
        wanted = [[_state(state).value] for state in dict.fromkeys(states)] or [[]]
        limit = max(min(limit, LISTED_MAX), 0)
        page = f"{' AND '.join(where)} ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT ?"
        # A page of each state by its index, then the page of those: never more rows than are asked for times states.
        pages = [
            f"SELECT * FROM (SELECT seq FROM outbox_item WHERE {'state = ? AND ' if state else ''}{page})"  # noqa: S608
            for state in wanted
        ]
        found = [value for state in wanted for value in (*state, *values, limit)]
        rows = self._connection.execute(
            f"SELECT * FROM outbox_item WHERE seq IN ({' UNION ALL '.join(pages)}) "  # noqa: S608  literals and marks
            f"ORDER BY seq {'DESC' if newest_first else 'ASC'} LIMIT ?",
            (*found, limit),
        )
        return [from_row(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """State to how many; states without items are left out."""
        rows = self._connection.execute("SELECT state, rows FROM outbox_tally WHERE rows > 0")
        return {row["state"]: row["rows"] for row in rows}

    # Decide

    def approve(self, item_id: str) -> Item:
        with transaction(self._connection):
            item = self._expect(item_id, State.WAITING_APPROVAL, doing="be approved")
            now = self._rows.now_ms()
            if item.expires_at <= now:
                raise NotAllowedError(
                    "It became too old while it waited for you.", item_id, "Look at it again, then try again."
                )
            return self._rows.move(item, State.QUEUED, "You approved it.", approved_at=now, next_attempt_at=now)

    def cancel(self, item_id: str) -> Item:
        with transaction(self._connection):
            item = self._expect(item_id, *_NEVER_SENT, *_SET_ASIDE, State.UNKNOWN, doing="be cancelled")
            what = "You took it back." + (" An earlier try may have arrived." if item.uncertain_since else "")
            return self._rows.move(item, State.CANCELLED, what)

    def retry(self, item_id: str) -> Item:
        """Send it again, now: it is due at once, also if the destination asked for a pause. An item that never got
        the approval it needs waits for it again; one that became too old gets its time anew."""
        aside = (State.QUEUED, State.FAILED, *_SET_ASIDE, State.CANCELLED)
        with transaction(self._connection):
            item = self._expect(item_id, *aside, doing="be tried again")
            return self._again(item, "You asked to try again.")

    def resolve(self, item_id: str, verdict: str) -> Item:
        """The user's word on what became of it: "delivered", "retry" or "cancel". Also settles an item that the user
        sent by another way (the mail program)."""
        open_ends = (*_NEVER_SENT, *_SET_ASIDE, State.UNKNOWN)
        with transaction(self._connection):
            item = self._expect(item_id, *open_ends, doing="be settled by your word")
            if verdict == "delivered":
                now = self._rows.now_ms()
                said = {"text": "You said that it arrived.", "by": "you"}
                return self._rows.move(
                    item, State.DELIVERED, said["text"], receipt=said, delivered_at=now, last_error=None
                )
            if verdict == "cancel":
                return self._rows.move(item, State.CANCELLED, "You let it go.")
            if verdict == "retry":
                return self._again(item, "You asked to send it again.")
        raise NotAllowedError(f"There is no verdict {verdict!r}.", item_id, "Say delivered, retry or cancel.")

    def edit(
        self,
        item_id: str,
        args: Mapping[str, Any] | None = None,
        payload: Mapping[str, Any] | None = None,
        sentence: str | None = None,
        destination: str | None = None,
        *,
        asks: bool = False,
        sources: tuple[str, ...] = (),
    ) -> Item:
        """Change what will be sent; with `asks` it waits for a yes, also where there was one to the words before;
        `sources` join those that it has. While
        the destination cannot have seen the key, the same item changes. After it was rejected under its key, the item
        is cancelled and a new one, with a key of its own, is returned waiting for approval. While an earlier try may
        have arrived, no edit is safe and it is refused."""
        with transaction(self._connection):
            item = self._expect(item_id, *_NEVER_SENT, *_SET_ASIDE, doing="be changed")
            edited = Intent(
                tool=item.tool,
                args=item.args if args is None else args,
                destination=destination or item.destination,
                payload=item.payload if payload is None else payload,
                sentence=sentence or item.sentence,
                conversation_id=item.conversation_id, turn_id=item.turn_id, call_id=item.call_id, replaces=item.id,
                sources=tuple(dict.fromkeys((*item.sources, *sources))),
            )  # fmt: skip
            check(edited)
            if item.offers == 0:
                return self._rewrite(item, edited, asks=asks)
            if item.state is State.REJECTED:
                self._rows.move(item, State.CANCELLED, "You changed it; the new text is an item of its own.")
                return self._rows.add(edited, approval=True, expires_at=self._renewed(item))
        raise NotAllowedError(
            "The destination has seen this item, and an earlier try may still take effect.",
            item_id,
            "Cancel it and ask again with the new text.",
        )

    # Inner

    def _rewrite(self, item: Item, edited: Intent, *, asks: bool) -> Item:
        changes: dict[str, Any] = {
            "args": canonical(dict(edited.args)), "payload": canonical(dict(edited.payload)),
            "sentence": edited.sentence, "destination": edited.destination, "fingerprint": edited.fingerprint,
            "sources": list(edited.sources) or None, "last_error": None,
        }  # fmt: skip
        if item.state in _SET_ASIDE:
            changes["expires_at"] = self._renewed(item)
        if item.state in _SET_ASIDE or (asks and item.state is not State.WAITING_APPROVAL):
            return self._rows.move(
                item, State.WAITING_APPROVAL, "You changed it.", needs_approval=1, approved_at=None, **changes
            )
        return self._rows.change(item, "You changed it.", next_attempt_at=self._rows.now_ms(), **changes)

    def _again(self, item: Item, what: str) -> Item:
        now = self._rows.now_ms()
        expires_at = item.expires_at if item.expires_at > now else self._renewed(item)
        unapproved = item.needs_approval and item.approved_at is None
        state = State.WAITING_APPROVAL if unapproved else State.QUEUED
        changes: dict[str, Any] = {"next_attempt_at": now, "held_until": 0, "expires_at": expires_at}
        if item.state is State.UNKNOWN:
            changes["uncertain_since"] = None  # the user has looked and knows better than we do
        if item.state is state:
            return self._rows.change(item, what, **changes)
        return self._rows.move(item, state, what, **changes)

    def _renewed(self, item: Item) -> int:
        """As much time again as it had at first."""
        return self._rows.now_ms() + max(item.expires_at - item.created_at, 60_000)

    def _expect(self, item_id: str, *states: State, doing: str) -> Item:
        item = self._rows.get(item_id)
        if item.state not in states:
            raise NotAllowedError(f"An item that is {item.state.replace('_', ' ')} cannot {doing}.", item_id)
        return item


def _state(name: str) -> State:
    try:
        return State(name)
    except ValueError:
        raise NotAllowedError(f"There is no state {name!r}.", "outbox", f"One of: {', '.join(State)}.") from None
