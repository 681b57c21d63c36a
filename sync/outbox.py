"""The user's side of the outbox: what is put in, looked at, approved, edited, taken back, decided.

Sending is the other side: sync/leases.py. Both stand on sync/rows.py, on one connection of one thread. `enqueue` joins
the caller's transaction, so a call and its item commit together or not at all.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync import boundaries, bulk, editing, listing, pauses, placeholders
from sync.boundaries import Boundary
from sync.bulk import Bulk
from sync.editing import Edit
from sync.errors import NotAllowedError, OutboxFullError
from sync.intent import Intent, check
from sync.item import Item, from_row
from sync.listing import LISTED_MAX, PLACES_MAX, Wanted
from sync.rows import Clock, Rows
from sync.states import ACTIVE, NEVER_SENT, OPEN, SET_ASIDE, State
from sync.transaction import transaction

__all__ = ["LISTED_MAX", "Bulk", "Edit", "Outbox"]

OPEN_ROWS_MAX = 250_000
EXPIRES_AFTER_MS = 7 * 86_400_000
REPLACED_MAX = 100  # edits of one item that are followed
PLAN_MAX = 200  # items of one plan that are shown together

# What can be done with an item in that state, for somebody who asked for something else.
_WAYS: Mapping[State, str] = {
    State.WAITING_APPROVAL: "carryon outbox approve ID lets it go, cancel takes it back.",
    State.QUEUED: "It goes by itself.",
    State.SENDING: "It is being delivered at this moment; look at it again when that is over.",
    State.DELIVERED: "It arrived: there is nothing left to decide.",
    State.FAILED: "It is tried again by itself.",
    State.REJECTED: "carryon outbox edit ID changes it, retry tries it again, cancel takes it back.",
    State.UNKNOWN: "Look there, then say what is true: carryon outbox resolve ID delivered|retry|cancel.",
    State.CONFLICT: "carryon outbox show ID shows both sides; then carryon outbox resolve ID send|cancel, or edit it.",
    State.EXPIRED: "carryon outbox retry ID gives it its time anew, cancel takes it back.",
    State.CANCELLED: "carryon outbox retry ID puts it back.",
}
_CALLED: Mapping[State, str] = {
    State.WAITING_APPROVAL: "that waits for your yes",
    State.UNKNOWN: "of which nobody knows whether it arrived",
    State.CONFLICT: "in conflict",
}


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
        if not intent.needs:
            return self._rows.add(intent, approval=approval, expires_at=expires_at)
        with transaction(self._connection):
            self._rows.plans.check(intent.needs)
            needs = tuple(replace(need, item_id=self.newest(need.item_id).id) for need in intent.needs)
            return self._rows.add(replace(intent, needs=needs), approval=approval, expires_at=expires_at)

    def get(self, item_id: str) -> Item:
        return self._rows.get(item_id)

    def newest(self, item_id: str) -> Item:
        """The item, or the one that an edit put in its place; the id that somebody noted may be an older one's."""
        return self.newest_of([item_id]).get(item_id) or self.get(item_id)

    def newest_of(self, item_ids: Iterable[str]) -> Mapping[str, Item]:
        """The same of many, by the ids asked for; without those that are no longer there."""
        return listing.newest(self._connection, item_ids, REPLACED_MAX)

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
        conversation_id: str | None = None,
        tool: str | None = None,
        text: str = "",
    ) -> list[Item]:
        """Oldest first unless asked otherwise. `after`: the id of the last item of the page before. `text`: words of
        the sentence, the last one perhaps not typed to its end."""
        seq = None if after is None else self.get(after).seq
        wanted = Wanted(listing.states_of(states), destination, conversation_id, tool, text, seq, newest_first)
        return listing.page(self._connection, wanted, limit)

    def ids(
        self, states: Iterable[str] = (), destination: str | None = None, limit: int = LISTED_MAX, *,
        conversation_id: str | None = None, tool: str | None = None, text: str = "",
    ) -> tuple[Sequence[str], bool]:  # fmt: skip
        """As `list`, oldest first, of each only its id; and whether there are more than `limit`."""
        wanted = Wanted(listing.states_of(states), destination, conversation_id, tool, text)
        return listing.ids(self._connection, wanted, limit)

    def carrying(self, tool: str, name: str, value: str, limit: int = PLAN_MAX) -> Sequence[Item]:
        """Items of a tool in whose payload `name` has this value, newest first."""
        return listing.carrying(self._connection, tool, name, value, limit)

    def head(self, destination: str) -> Item | None:
        """The one that goes there next: the oldest that waits for no other."""
        return self._rows.head(destination)

    def now_ms(self) -> int:
        """By the clock that its times are written with."""
        return self._rows.now_ms()

    def counts(self) -> dict[str, int]:
        """State to how many; states without items are left out."""
        return listing.counts(self._connection)

    def places(self, limit: int = PLACES_MAX, after: str = "") -> dict[str, dict[str, int]]:
        """Destination to state to how many, by name. `after`: the last name of the page before."""
        return listing.places(self._connection, limit, after)

    # Plans

    def plan(self, item_id: str) -> Sequence[Item]:
        """It, what it needs, what needs it, and so on: what was planned together, in order. At most PLAN_MAX."""
        found, asked = dict[str, Item](), [self.get(item_id).id]
        while asked and len(found) < PLAN_MAX:
            item = self.get(asked.pop(0))
            if item.id not in found:
                found[item.id] = item
                asked += [other.id for other in (*self.needs(item.id), *self.needed_by(item.id))]
        return sorted(found.values(), key=lambda item: item.seq)

    def needs(self, item_id: str) -> Sequence[Item]:
        """What has to be, or had to be, delivered before it."""
        return self._joined("needs_id", "item_id", item_id)

    def needed_by(self, item_id: str) -> Sequence[Item]:
        """What waits, or waited, for it."""
        return self._joined("item_id", "needs_id", item_id)

    def touched(self) -> Sequence[Item]:
        """What else the decisions since this was last asked have changed: items that wait for those decided on."""
        return self._rows.touched()

    def let_go(self, item_id: str) -> Item:
        """Send it without what it waits for. Refused while a placeholder stands in it for something of that."""
        with transaction(self._connection):
            item = self._expect(item_id, *NEVER_SENT, *SET_ASIDE, doing="be let go by itself")
            if self._rows.plans.unfilled(item):
                raise NotAllowedError(
                    "It carries a placeholder for what another item was to bring.", item_id, "Change its text first."
                )
            return self._rows.plans.let_go(item)

    def hand_over(self, item_id: str, to_id: str) -> Item:
        """What waits for the one waits for the other from now on, which goes in its place."""
        with transaction(self._connection):
            self._rows.plans.take_over(self._rows.get(item_id), self._rows.get(to_id))
            return self._rows.get(to_id)

    # Decide

    def approve(self, item_id: str) -> Item:
        with transaction(self._connection):
            item = self._expect(item_id, State.WAITING_APPROVAL, doing="be approved")
            now = self._rows.now_ms()
            if item.expires_at <= now:
                raise NotAllowedError(
                    "It became too old while it waited for you.", item_id, "Look at it again, then try again."
                )
            held = pauses.held_until_ms(self._rows, item)
            return self._rows.move(
                item, State.QUEUED, "You approved it.", approved_at=now, next_attempt_at=max(now, held), held_until=held
            )

    def cancel(self, item_id: str) -> Item:
        with transaction(self._connection):
            item = self._expect(item_id, *NEVER_SENT, *SET_ASIDE, State.UNKNOWN, doing="be cancelled")
            what = "You took it back." + (" An earlier try may have arrived." if item.uncertain_since else "")
            return self._out_of_line(item, self._rows.move(item, State.CANCELLED, what))

    def retry(self, item_id: str, *, at_once: bool = False) -> Item:
        """Send it again without waiting out the backoff; a pause that its destination asked for is kept unless it is to
        go `at_once`. An item that never got the approval it needs waits for it again; one that became too old gets its
        time anew. What may have arrived is looked for first where that can be done, not before the earlier try has had
        time to end."""
        aside = (State.QUEUED, State.FAILED, *SET_ASIDE, State.CANCELLED)
        with transaction(self._connection):
            item = self._expect(item_id, *aside, doing="be tried again")
            if (newer := self.newest(item.id)).id != item.id:
                todo = f"Try that one again: {newer.id[:8]}."
                raise NotAllowedError("Another one stands in its place.", item_id, todo)
            return self._again(item, pauses.asked_again(self._rows, item, at_once=at_once), at_once=at_once)

    def resolve(self, item_id: str, verdict: str, receipt: Mapping[str, str] | None = None) -> Item:
        """The user's word on what became of it: "delivered", "retry" or "cancel"; of a conflict also "send", all the
        same. Also settles an item that the user sent by another way (the mail program); `receipt` may then name the
        "reference" or "url" that items waiting for it take over."""
        open_ends = (*NEVER_SENT, *SET_ASIDE, State.UNKNOWN)
        with transaction(self._connection):
            item = self._expect(item_id, *open_ends, doing="be settled by your word")
            if verdict == "delivered":
                return self._out_of_line(item, self._said_delivered(item, receipt or {}))
            if verdict == "cancel":
                return self._out_of_line(item, self._rows.move(item, State.CANCELLED, "You let it go."))
            if verdict == "retry":
                return self._again(item, "You asked to send it again.")
            if verdict == "send":
                return self._all_the_same(item)
        raise NotAllowedError(
            f"There is no verdict {verdict!r}.", item_id, "Say delivered, retry or cancel; of a conflict also send."
        )

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
        basis: Mapping[str, Any] | None = None,
    ) -> Item:
        """Change what will be sent (sync/editing.py says what each means). After it was offered, and surely not
        done, the item is cancelled and a new one, with a key of its own, is returned waiting for approval; what waited
        for the old one waits for the new."""
        return self._edit(item_id, Edit(args, payload, sentence, destination, basis, asks, sources))

    # Decide about many

    def approve_many(self, ids: Sequence[str]) -> Bulk:
        return self._decide(ids, self.approve)

    def cancel_many(self, ids: Sequence[str]) -> Bulk:
        return self._decide(ids, self.cancel)

    def retry_many(self, ids: Sequence[str], *, at_once: bool = False) -> Bulk:
        return self._decide(ids, lambda item_id: self.retry(item_id, at_once=at_once))

    def resolve_many(self, ids: Sequence[str], verdict: str) -> Bulk:
        return self._decide(ids, lambda item_id: self.resolve(item_id, verdict))

    def edit_many(self, edits: Mapping[str, Edit]) -> Bulk:
        return self._decide(tuple(edits), lambda item_id: self._edit(item_id, edits[item_id]))

    # Inner

    def _decide(self, ids: Sequence[str], one: Callable[[str], Item]) -> Bulk:
        """What else changed is not told item by item: whoever shows many looks at them anew."""
        try:
            return bulk.decide(self._connection, ids, one)
        finally:
            self._rows.forget_touched()

    def _joined(self, wanted: str, given: str, item_id: str) -> Sequence[Item]:
        rows = self._connection.execute(
            f"SELECT * FROM outbox_item WHERE id IN (SELECT {wanted} FROM outbox_need WHERE {given} = ?) "  # noqa: S608
            "ORDER BY seq LIMIT ?",
            (item_id, PLAN_MAX),
        )
        return [from_row(row) for row in rows]

    def _edit(self, item_id: str, edit: Edit) -> Item:
        with transaction(self._connection):
            item = self._expect(item_id, *NEVER_SENT, *SET_ASIDE, doing="be changed")
            return self._out_of_line(item, editing.apply(self._rows, item, edit))

    def _out_of_line(self, before: Item, now: Item) -> Item:
        """A pause that its destination asked for outlives what the user decided about the one that was told of it."""
        if now.state not in ACTIVE or now.destination != before.destination:
            pauses.pass_on(self._rows, before)
        return now

    def _said_delivered(self, item: Item, receipt: Mapping[str, str]) -> Item:
        named = {name: placeholders.plain(str(receipt[name])) for name in ("reference", "url") if receipt.get(name)}
        said = {"text": "You said that it arrived.", "by": "you", **named}
        now = self._rows.now_ms()
        return self._rows.move(item, State.DELIVERED, said["text"], receipt=said, delivered_at=now, last_error=None)

    def _all_the_same(self, item: Item) -> Item:
        """The user has seen both sides; it stands on the world as it is now."""
        if item.state is not State.CONFLICT:
            raise NotAllowedError("Only a conflict is sent all the same.", item.id, "Say retry.")
        if self._rows.plans.unfilled(item):
            raise NotAllowedError(
                "It carries a placeholder for what another item did not bring.", item.id, "Change its text."
            )
        now, basis = self._rows.now_ms(), (item.conflict or {}).get("basis")
        held = pauses.line_until_ms(self._rows, item)
        return self._rows.move(
            item, State.QUEUED, "You saw both sides and asked to send it all the same.",
            basis=dict(basis) if basis else None, approved_at=now, next_attempt_at=max(now, held), held_until=held,
            last_error=None,
            expires_at=item.expires_at if item.expires_at > now else editing.renewed(self._rows, item),
        )  # fmt: skip

    def _again(self, item: Item, what: str, *, at_once: bool = False) -> Item:
        now = self._rows.now_ms()
        expires_at = item.expires_at if item.expires_at > now else editing.renewed(self._rows, item)
        unapproved = item.needs_approval and item.approved_at is None
        state = State.WAITING_APPROVAL if unapproved else State.QUEUED
        changes: dict[str, Any] = {"expires_at": expires_at, "unanswered": 0}
        if item.state is State.UNKNOWN and item.is_for_the_user_alone:
            changes["uncertain_since"] = None  # who has looked knows best
            held = max(pauses.asked_for_until_ms(item, now), pauses.line_until_ms(self._rows, item))
        elif at_once:
            held = pauses.pause_until_ms(item, now, at_once=True)
        else:
            held = pauses.held_until_ms(self._rows, item)
        changes |= {"next_attempt_at": max(now, held), "held_until": held}
        if item.state is state:
            again = self._rows.change(item, what, **changes)
        else:
            again = self._rows.move(item, state, what, **changes)
        return self._rows.plans.say(self._rows.plans.settle(again)) if again.waits_for else again

    def _expect(self, item_id: str, *states: State, doing: str) -> Item:
        item = self._rows.get(item_id)
        if item.state not in states:
            raise NotAllowedError(_as_it_stands(item.state, doing), item_id, _WAYS.get(item.state, ""))
        return item


def _as_it_stands(state: State, doing: str) -> str:
    return f"An item {_CALLED.get(state, f'that is {state.value}')} cannot {doing}."
