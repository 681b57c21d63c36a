"""One row of the outbox as a frozen value. `Item` never changes; every decision returns a new one."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.states import State

__all__ = ["Item", "State", "from_row"]


@dataclass(frozen=True, slots=True)
class Item:
    """Times are unix milliseconds, UTC.

    `attempts` counts leases that ended in a try, `offers` those in which the destination may have seen the key.
    `uncertain_since`: since then an earlier attempt may have had its effect. `mode`: how a repeat is recognised by the
    destination ("key", "query", "none"), as its transport said at the last attempt. `unanswered`: how often in a row
    nobody there could say whether it arrived.
    """

    id: str
    seq: int
    tool: str
    args: Mapping[str, Any]
    destination: str
    payload: Mapping[str, Any]
    sentence: str
    fingerprint: str
    state: State
    needs_approval: bool
    approved_at: int | None
    created_at: int
    updated_at: int
    expires_at: int
    attempts: int
    offers: int
    next_attempt_at: int
    held_until: int
    uncertain_since: int | None
    mode: str
    delivered_at: int | None
    last_error: str | None
    receipt: Mapping[str, Any] | None  # text, reference, url; whatever the destination gave as proof
    conversation_id: str | None
    turn_id: str | None
    call_id: str | None
    replaces: str | None
    basis: Mapping[str, Any] | None = None  # what it was decided on, as its transport understands it
    conflict: Mapping[str, Any] | None = None  # what, then, now, basis: how the world differs from it
    sources: tuple[str, ...] = ()  # read before it and written by nobody here, in words
    waits_for: int = 0  # how many of the items that it needs are not delivered yet
    waits_on: tuple[str, ...] = ()  # the sentences of the first of those, shortened
    unanswered: int = 0
    lease_owner: str | None = None
    lease_until: int | None = None
    offering: bool = False

    @property
    def is_for_the_user_alone(self) -> bool:
        """Whether only the user can tell if it arrived: its destination never can, or could not be made to."""
        return self.unanswered > 0 or (self.mode == "none" and self.attempts > 0)

    @property
    def idempotency_key(self) -> str:
        """The row's own id, so it was fixed before the first attempt and cannot differ between two of them."""
        return self.id


def from_row(row: sqlite3.Row, *beside: str) -> Item:
    """`beside`: columns that are none of its own."""
    values = dict(row)
    for name in beside:
        del values[name]
    values.update(
        args=json.loads(row["args"]),
        payload=json.loads(row["payload"]),
        receipt=_json(row["receipt"]),
        basis=_json(row["basis"]),
        conflict=_json(row["conflict"]),
        sources=tuple(_json(row["sources"]) or ()),
        waits_on=tuple(_json(row["waits_on"]) or ()),
        state=State(row["state"]),
        needs_approval=bool(row["needs_approval"]),
        offering=bool(row["offering"]),
    )
    return Item(**values)


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None
