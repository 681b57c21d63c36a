"""The dispatcher's side of the outbox: who may send what now, and what came of it.

A lease is a row marked "sending" with an owner and an end. It is taken in a transaction of its own, so two processes
never hold one item. `offer` is the second mark, written just before the first byte that could cause the effect: what
died before it was surely not sent, what died after it may have been. Both marks are on disk before anything moves.
"""

import random as randomness
import sqlite3
from collections.abc import Callable
from typing import Any

from sync import boundaries, observing, retry
from sync.boundaries import Boundary
from sync.errors import LeaseLostError
from sync.item import Item
from sync.life import Life, count_offer
from sync.observing import Observation
from sync.owner import is_gone
from sync.pauses import pass_on
from sync.retry import Decision, Random
from sync.rows import Clock, Rows
from sync.states import ACTIVE, State
from sync.transaction import transaction
from sync.transports.outcomes import DeliveryError
from sync.transports.port import Mode, Receipt

LEASE_MS = 120_000  # longer than any delivery may take (transports.port.Limits)
LEASE_SLACK_MS = LEASE_MS  # a lease that ends later than this was written while the clock was ahead
EXPIRED_AT_ONCE_MAX = 500  # in one transaction, a tenth of a second
WOKEN_AT_ONCE_MAX = 500
DUE_MAX = 1_000
WAIT_MS_MAX = 2 * 86_400_000  # no wait is longer; one that seems so was written while the clock was wrong


class Leases:
    """`life`: the mark outside the database, which an offer must not be behind (sync/life.py)."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Clock,
        boundary: Boundary = boundaries.passed,
        random: Random = randomness.random,
        life: Life | None = None,
    ) -> None:
        self._connection = connection
        self._rows = Rows(connection, clock, boundary)
        self._random = random
        self._boundary = boundary
        self._life = life

    def due(self, limit: int = DUE_MAX) -> list[Item]:
        """The head of each destination whose time has come. A head in backoff or in delivery holds back those behind
        it, so order is kept; heads of other destinations are not its business."""
        items = [self._rows.at(seq) for _, seq in self.due_places(limit)]
        return [item for item in items if item is not None and item.state is not State.SENDING]

    def due_places(self, limit: int = DUE_MAX) -> list[tuple[str, int]]:
        """The same as names, each with the seq of its head; costs what it returns, however many wait."""
        return self._rows.due(self._rows.now_ms(), limit, WAIT_MS_MAX)

    def at(self, seq: int) -> Item | None:
        return self._rows.at(seq)

    def head(self, destination: str) -> Item | None:
        """The oldest there that may move."""
        return self._rows.head(destination)

    def next_due_ms(self) -> int | None:
        """When the next head is due (or its lease runs out), unix milliseconds; None when nothing waits."""
        return self._rows.next_due_ms()

    def touched(self) -> list[Item]:
        """What changed because another item moved, since this was last asked."""
        return self._rows.touched()

    def lease(
        self, owner: str, destination: str, mode: Mode | Callable[[Item], Mode], only: Item | None = None
    ) -> Item | None:
        """Take the head of a destination for sending, if it is due and nobody has it. `mode`: of all there, or of the
        item at hand. `only`: if the head is still this one, with what was to be sent with it."""
        with transaction(self._connection):
            now = self._rows.now_ms()
            head = self._rows.head(destination)
            if head is None or head.state is State.SENDING:
                return None
            if only is not None and (head.id, head.payload) != (only.id, only.payload):
                return None
            head = self._rows.rejuvenated(head, now)
            if head.expires_at <= now or not _has_come(head, now):
                return None
            item = self._rows.move(
                head, State.SENDING, "Sending.", lease_owner=owner, lease_until=now + LEASE_MS,
                mode=mode(head) if callable(mode) else mode, attempts=head.attempts + 1,
            )  # fmt: skip
            self._boundary("lease: row marked")
        self._boundary("lease: committed")
        return item

    def offer(self, item: Item, owner: str) -> None:
        """The last step before the effect. Raises LeaseLostError when the item is no longer ours: do not send."""
        with transaction(self._connection):
            now = self._rows.now_ms()
            mine = self._connection.execute(
                "UPDATE outbox_item SET offering = 1, offers = offers + 1, lease_until = ?, updated_at = ? "
                "WHERE id = ? AND state = 'sending' AND lease_owner = ? AND lease_until > ? AND expires_at > ?",
                (now + LEASE_MS, now, item.id, owner, now, now),
            ).rowcount
            mark = count_offer(self._connection, self._life) if mine == 1 else None
            self._boundary("offer: row marked")
        if mark is None:
            raise LeaseLostError("", item.id, "It is delivered by whoever has it now.")
        self._boundary("offer: committed")
        if self._life:
            self._life.note(mark)

    def stalls(self, item: Item, owner: str, words: str) -> Item | None:
        """What does not come at this moment, of a delivery that goes on; "": it comes again. The time of the offer
        stays as it was written. None when it is no longer under way here."""
        with transaction(self._connection):
            now = self._rows.get(item.id)
            if now.state is not State.SENDING or now.lease_owner != owner or now.attempts != item.attempts:
                return None
            return self._rows.change(now, words, last_error=words or None, updated_at=now.updated_at)

    def settle(self, item: Item, owner: str, outcome: Receipt | DeliveryError, seen: Observation | None = None) -> Item:
        """Write down what came of an attempt. An answer that comes after the lease was taken over still counts if it
        is a receipt: it ends the doubt. `seen`: what it showed of the network."""
        self._rows.touched()  # of a try that was rolled back
        with transaction(self._connection):
            now = self._rows.get(item.id)
            mine = now.state is State.SENDING and now.lease_owner == owner
            if isinstance(outcome, Receipt):
                settled = self._delivered(now, outcome, mine)
            elif mine:
                settled = self._follow(now, retry.after_failure(now, outcome, _mode(now), self._random))
            else:
                settled = self._rows.change(now, f"An answer came late: {outcome}")
            if seen is not None:
                observing.store(self._connection, seen)
            self._boundary("settle: row written")
        self._boundary("settle: committed")
        return settled

    def give_up_asking(self, item: Item, *, recognised: bool = True) -> Item:
        """An earlier try may have arrived and its key is no longer remembered there, or never is: the user decides."""
        with transaction(self._connection):
            current = self._rows.get(item.id)
            what = "An earlier try may have arrived, and " + (
                "it is too long ago to repeat it safely." if recognised else "a repeat would not be recognised there."
            )
            return self._rows.move(current, State.UNKNOWN, what, last_error=what, unanswered=current.unanswered + 1)

    def explain(self, item: Item, why: str) -> Item | None:
        """It stays where it is; say what it waits for. None when that was said already."""
        with transaction(self._connection):
            current = self._rows.get(item.id)
            if current.state is not item.state or current.last_error == why:
                return None
            return self._rows.change(current, why, last_error=why)

    def expire(self) -> list[Item]:
        """Hold back what became too old. What may already have arrived becomes unknown instead: the user decides."""
        now = self._rows.now_ms()
        ids = self._connection.execute(
            "SELECT id FROM outbox_item INDEXED BY outbox_item_expiring "
            "WHERE state IN ('waiting_approval', 'queued', 'failed') AND expires_at <= ? ORDER BY expires_at LIMIT ?",
            (now, EXPIRED_AT_ONCE_MAX),
        ).fetchall()
        if not ids:
            return []
        with transaction(self._connection):
            items = [self._rows.get(row["id"]) for row in ids]
            return [self._expire(item) for item in items if item.expires_at <= now and _may_expire(item)]

    def recover(self, alive: Callable[[Item], bool] = lambda _: False) -> list[Item]:
        """Take back what a process that is gone, or that slept past its lease, was sending. `alive`: what this process
        knows to be under way, whatever the clock says."""
        rows = self._connection.execute("SELECT id FROM outbox_item WHERE state = 'sending'").fetchall()
        recovered = []
        for row in rows:
            with transaction(self._connection):
                item = self._rows.get(row["id"])
                if item.state is State.SENDING and not alive(item) and self._is_stale(item):
                    recovered.append(self._follow(item, retry.after_crash(item, self._random)))
        return recovered

    def wake(self, *, everything: bool = False, spread_ms: int = 0) -> None:
        """The network is back: heads that only waited for it are due now, or each at its own moment in `spread_ms`.
        `everything`: those that the destination put off too (the user pressed "try now"). A pause that the destination
        asked for is kept either way."""
        states = (State.QUEUED, State.FAILED) if everything else (State.QUEUED,)

        def sooner(item: Item, now: int) -> dict[str, Any]:
            due = max(item.held_until, now + int(self._random() * spread_ms))
            return {"next_attempt_at": due} if item.state in states and item.next_attempt_at > due else {}

        self._rows.each_put_off(sooner, WOKEN_AT_ONCE_MAX)

    # Inner

    def _delivered(self, now: Item, receipt: Receipt, mine: bool) -> Item:
        what = f"Delivered. {receipt.text}"
        late_but_true = now.state in (State.UNKNOWN, State.QUEUED, State.FAILED)
        if not mine and not late_but_true:
            return self._rows.change(now, f"A receipt came late: {receipt.text}")
        return self._rows.move(
            now, State.DELIVERED, what,
            receipt=receipt.as_facts(), delivered_at=self._rows.now_ms(), last_error=None, uncertain_since=None,
        )  # fmt: skip

    def _follow(self, item: Item, decision: Decision) -> Item:
        now = self._rows.now_ms()
        since = item.uncertain_since
        if decision.uncertain and since is None:
            since = min(now, item.updated_at)  # when it was offered: the destination's memory began then
        followed = self._rows.move(
            item, decision.state, decision.story,
            last_error=decision.what, uncertain_since=since, conflict=decision.conflict,
            unanswered=self._unanswered(item, decision),
            next_attempt_at=now + int(max(decision.wait_s, decision.hold_s) * 1_000),
            held_until=now + int(decision.hold_s * 1_000) if decision.hold_s else 0,
        )  # fmt: skip
        pass_on(self._rows, followed)  # where it is given up, or an older one came before it meanwhile
        return followed

    @staticmethod
    def _unanswered(item: Item, decision: Decision) -> int:
        if decision.unanswered:
            return item.unanswered + 1
        return 0 if item.offering else item.unanswered

    def _expire(self, item: Item) -> Item:
        if item.uncertain_since is not None:
            what = "An earlier try may have arrived; it is too old now to try again without asking."
            return self._out_of_line(item, self._rows.move(item, State.UNKNOWN, what, last_error=what))
        what = "It became too old to be sent without asking."
        return self._out_of_line(item, self._rows.move(item, State.EXPIRED, what, last_error=what))

    def _out_of_line(self, before: Item, now: Item) -> Item:
        if before.state in ACTIVE:
            pass_on(self._rows, before)
        return now

    def _is_stale(self, item: Item) -> bool:
        left = (item.lease_until or 0) - self._rows.now_ms()
        return not 0 < left <= LEASE_MS + LEASE_SLACK_MS or is_gone(item.lease_owner or "")


def _mode(item: Item) -> Mode:
    return "key" if item.mode == "key" else "query" if item.mode == "query" else "none"


def _may_expire(item: Item) -> bool:
    return item.state in (State.WAITING_APPROVAL, State.QUEUED, State.FAILED)


def _has_come(item: Item, now_ms: int) -> bool:
    return not now_ms < item.next_attempt_at <= now_ms + WAIT_MS_MAX
