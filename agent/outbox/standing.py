"""How each destination is doing, told from what is on the disk: no attempt is made for it, and it is true in every
process."""

from collections.abc import Mapping, Sequence

from agent.protocol.outbox_records import PlaceStanding
from sync.item import Item
from sync.outbox import Outbox
from sync.states import ACTIVE, NEEDS_YOU, State

PLACES_SHOWN_MAX = 50
ARRIVED_LOOKED_AT_MAX = 20
_TROUBLED = (State.UNKNOWN.value, State.CONFLICT.value, State.REJECTED.value)


def places(outbox: Outbox, limit: int = PLACES_SHOWN_MAX) -> tuple[tuple[PlaceStanding, ...], int]:
    """Those with most to do first, and how many are left out."""
    counted = outbox.places()
    names = sorted(counted, key=lambda name: (*_urgency(counted[name]), name))
    return tuple(_standing(outbox, name, counted[name]) for name in names[:limit]), max(len(names) - limit, 0)


def _standing(outbox: Outbox, name: str, counts: Mapping[str, int]) -> PlaceStanding:
    head = outbox.head(name)
    told_of = head or _troubled(outbox, name)
    return PlaceStanding(
        name, counts,
        head_id=head.id if head else "",
        sending=head is not None and head.state is State.SENDING,
        attempts=told_of.attempts if told_of else 0,
        next_try_at=max(head.next_attempt_at, head.held_until) or None if head else None,
        trouble=told_of.last_error or "" if told_of else "",
        reached_at=_reached_at(outbox, name),
    )  # fmt: skip


def _troubled(outbox: Outbox, name: str) -> Item | None:
    """Where nothing is on its way: the newest that ended without arriving and waits for the user."""
    return next(iter(outbox.list(_TROUBLED, name, 1, newest_first=True)), None)


def _reached_at(outbox: Outbox, name: str) -> int | None:
    """By the destination's own word: that of the user says nothing about when it was reached."""
    arrived = outbox.list((State.DELIVERED.value,), name, ARRIVED_LOOKED_AT_MAX, newest_first=True)
    return max((item.delivered_at or 0 for item in arrived if (item.receipt or {}).get("by") != "you"), default=None)


def _urgency(counts: Mapping[str, int]) -> tuple[int, int]:
    return -_sum(counts, NEEDS_YOU), -_sum(counts, ACTIVE)


def _sum(counts: Mapping[str, int], states: Sequence[str]) -> int:
    return sum(counts.get(state, 0) for state in states)
