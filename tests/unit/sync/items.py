"""Items as a dispatcher hands them to a transport."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sync.item import Item, State
from tests.sim.profiles import NOON

PAYLOAD = {
    "to": "dana@example.org", "subject": "The contract", "body": "It is signed.\n.\nBye",
    "channel": "ops", "text": "It is signed.", "project": "web", "title": "The contract",
}  # fmt: skip


_HOURS = count()


def an_hour() -> dict[str, str]:
    """An hour of its own for each, since two at the same time are a conflict."""
    starts = datetime(2026, 3, 6, tzinfo=UTC) + timedelta(hours=next(_HOURS))
    return {"starts": starts.isoformat(), "ends": (starts + timedelta(hours=1)).isoformat(), "zone": "Europe/Berlin"}


def an_item(basis: dict[str, Any] | None = None, **payload: Any) -> Item:
    now, key = int(NOON * 1_000), str(uuid.uuid4())
    own = {"uid": f"{key}@carryon", "path": f"{key}.txt", **an_hour()}
    return Item(
        id=key, seq=1, tool="t", args={}, destination="a:b", payload={**PAYLOAD, **own, **payload}, sentence="s",
        fingerprint="f", state=State.SENDING, needs_approval=False, approved_at=None, created_at=now, updated_at=now,
        expires_at=now, attempts=1, offers=0, next_attempt_at=0, held_until=0, uncertain_since=None, mode="none",
        delivered_at=None, last_error=None, receipt=None, conversation_id=None, turn_id=None, call_id=None,
        replaces=None, basis=basis,
    )  # fmt: skip
