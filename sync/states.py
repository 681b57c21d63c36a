"""Where an item stands, and which moves exist. A move that is not in MOVES is a defect and raises."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    WAITING_APPROVAL = "waiting_approval"  # written down; nothing leaves before the user says yes
    QUEUED = "queued"  # leaves by itself as soon as its destination can be reached
    SENDING = "sending"  # leased to one dispatcher, which is talking to the destination
    DELIVERED = "delivered"  # the destination (or the user) confirmed it; there is a receipt
    FAILED = "failed"  # the destination put it off; will be tried again by itself
    REJECTED = "rejected"  # the destination said no for good; needs a change
    UNKNOWN = "unknown"  # may have happened, and the destination can neither deduplicate nor be asked: the user decides
    CONFLICT = "conflict"  # the world changed since the decision: the user decides
    EXPIRED = "expired"  # too old to be sent without asking; held, never dropped
    CANCELLED = "cancelled"  # the user took it back before it left


_S = State
MOVES: Mapping[State, frozenset[State]] = {
    # Unknown: an earlier try may have arrived, and it grew too old while it waited to be asked about again.
    _S.WAITING_APPROVAL: frozenset({_S.QUEUED, _S.CANCELLED, _S.EXPIRED, _S.CONFLICT, _S.DELIVERED, _S.UNKNOWN}),
    _S.QUEUED: frozenset(
        {_S.SENDING, _S.WAITING_APPROVAL, _S.CANCELLED, _S.EXPIRED, _S.CONFLICT, _S.UNKNOWN, _S.DELIVERED}
    ),
    _S.SENDING: frozenset({_S.DELIVERED, _S.FAILED, _S.REJECTED, _S.UNKNOWN, _S.QUEUED, _S.CONFLICT}),
    _S.FAILED: frozenset(
        {_S.SENDING, _S.QUEUED, _S.WAITING_APPROVAL, _S.CANCELLED, _S.EXPIRED, _S.CONFLICT, _S.UNKNOWN, _S.DELIVERED}
    ),
    _S.REJECTED: frozenset({_S.QUEUED, _S.WAITING_APPROVAL, _S.CANCELLED, _S.DELIVERED}),
    _S.UNKNOWN: frozenset({_S.QUEUED, _S.WAITING_APPROVAL, _S.CANCELLED, _S.DELIVERED}),
    _S.CONFLICT: frozenset({_S.QUEUED, _S.WAITING_APPROVAL, _S.CANCELLED, _S.DELIVERED}),
    _S.EXPIRED: frozenset({_S.QUEUED, _S.WAITING_APPROVAL, _S.CANCELLED, _S.DELIVERED}),
    _S.CANCELLED: frozenset({_S.QUEUED, _S.WAITING_APPROVAL}),
    _S.DELIVERED: frozenset(),
}

# Tried by itself when it is due. Of one destination only the oldest of these may move, so order is kept there.
ACTIVE = (State.QUEUED, State.FAILED, State.SENDING)
# Still open: what the bound on the outbox counts.
OPEN = (State.WAITING_APPROVAL, *ACTIVE, State.UNKNOWN, State.CONFLICT)
NEVER_SENT = (State.WAITING_APPROVAL, State.QUEUED, State.FAILED)  # nothing of it is under way
SET_ASIDE = (State.REJECTED, State.CONFLICT, State.EXPIRED)  # it stays until the user decides; surely not under way
NEEDS_YOU = (State.WAITING_APPROVAL, State.UNKNOWN, State.CONFLICT, State.REJECTED)  # what a place is marked for
