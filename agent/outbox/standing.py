"""How each destination is doing, told from what is on the disk: no attempt is made for it, and it is true in every
process."""

from collections.abc import Mapping, Sequence

from agent.protocol.outbox_records import PlaceStanding
from sync.outbox import Outbox
from sync.states import ACTIVE, NEEDS_YOU, State

PLACES_SHOWN_MAX = 50


def places(outbox: Outbox, limit: int = PLACES_SHOWN_MAX) -> tuple[tuple[PlaceStanding, ...], int]:
    """Those with most to do first, and how many are left out."""
    counted = outbox.places()
    names = sorted(counted, key=lambda name: (*_urgency(counted[name]), name))
    return tuple(_standing(outbox, name, counted[name]) for name in names[:limit]), max(len(names) - limit, 0)


def _standing(outbox: Outbox, name: str, counts: Mapping[str, int]) -> PlaceStanding:
    head = outbox.head(name)
    arrived = outbox.list((State.DELIVERED.value,), name, 1, newest_first=True)
    return PlaceStanding(
        name, counts,
        head_id=head.id if head else "",
        sending=head is not None and head.state is State.SENDING,
        attempts=head.attempts if head else 0,
        next_try_at=max(head.next_attempt_at, head.held_until) if head else None,
        trouble=head.last_error or "" if head else "",
        reached_at=arrived[0].delivered_at if arrived else None,
    )  # fmt: skip


def _urgency(counts: Mapping[str, int]) -> tuple[int, int]:
    return -_sum(counts, NEEDS_YOU), -_sum(counts, ACTIVE)


def _sum(counts: Mapping[str, int], states: Sequence[str]) -> int:
    return sum(counts.get(state, 0) for state in states)
