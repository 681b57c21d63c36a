"""Items as a dispatcher hands them to a transport."""

import uuid
from typing import Any

from sync.item import Item, State
from tests.sim.profiles import NOON

PAYLOAD = {
    "to": "dana@example.org", "subject": "The contract", "body": "It is signed.\n.\nBye",
    "channel": "ops", "text": "It is signed.", "project": "web", "title": "The contract",
}  # fmt: skip


def an_item(**payload: Any) -> Item:
    now = int(NOON * 1_000)
    return Item(
        id=str(uuid.uuid4()), seq=1, tool="t", args={}, destination="a:b", payload={**PAYLOAD, **payload}, sentence="s",
        fingerprint="f", state=State.SENDING, needs_approval=False, approved_at=None, created_at=now, updated_at=now,
        expires_at=now, attempts=1, offers=0, next_attempt_at=0, held_until=0, uncertain_since=None, mode="none",
        delivered_at=None, last_error=None, receipt=None, conversation_id=None, turn_id=None, call_id=None,
        replaces=None,
    )  # fmt: skip
