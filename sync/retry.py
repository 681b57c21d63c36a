"""What follows from one attempt, as a value: nothing here sleeps, reads a clock or writes a row.

Exponential backoff with full jitter: the n-th wait is drawn between nothing and min(cap, base * 2^(n-1)), so that
laptops that land together do not knock together. What the destination asks for in Retry-After comes first, bounded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sync.item import Item
from sync.pauses import ASK_AFTER_S, RETRY_AFTER_S_MAX
from sync.states import State
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    SignInError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Mode

BASE_S = 2.0
CAP_S = 900.0
UNREACHABLE_CAP_S = 300.0
SIGN_IN_CAP_S = 30.0  # who has signed in does not want to wait
OFFERS_MAX = 10  # answers of "later" before it is given up; an attempt that reached nobody does not count
KEPT_SHARE, KEPT_MARGIN_S_MAX = 0.1, 3_600.0  # of the time that a key is kept; for a clock set back by an hour unseen
SIDE_CHARACTERS_MAX = 2_000
SIDE_CHARACTERS_TOLD_MAX = 300
LOOKS_MAX = 10  # times that a destination could not say whether it arrived, before the user is asked

Random = Callable[[], float]  # uniform in [0, 1)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the item goes. `wait_s` is the backoff; `hold_s` is a wait that "try now" does not shorten."""

    state: State
    what: str
    wait_s: float = 0.0
    hold_s: float = 0.0
    uncertain: bool = False
    unanswered: bool = False  # nobody there could say whether an earlier try arrived
    conflict: Mapping[str, Any] | None = None  # both sides, for the card

    @property
    def story(self) -> str:
        """For the timeline, which keeps both sides also when the conflict is settled."""
        if not self.conflict:
            return self.what
        then, now = (str(self.conflict[side])[:SIDE_CHARACTERS_TOLD_MAX] for side in ("then", "now"))
        return f"{self.what} Then: {then or 'not said'}. Now: {now or 'not said'}."


def backoff_s(n: int, random: Random, cap_s: float = CAP_S) -> float:
    """The wait before the try after the n-th failure, n from 1."""
    ceiling = min(cap_s, BASE_S * 2.0 ** min(max(n, 1) - 1, 30))
    return ceiling * random()


def after_failure(item: Item, error: DeliveryError, mode: Mode, random: Random) -> Decision:
    """`item` as it is while it is being sent: `attempts` and `offers` include this one."""
    match error:
        case NotConfiguredError() | UnreachableError():
            return _not_reached(item, error, random)
        case SignInError():
            return Decision(State.QUEUED, str(error), backoff_s(item.attempts, random, SIGN_IN_CAP_S))
        case RetryableError():
            return _later(item, error, random)
        case ChangedError():
            return _changed(item, error)
        case UncertainError():
            return _uncertain(item, error, mode, random)
        case _:
            return _refused(item, error)


def after_crash(item: Item, random: Random) -> Decision:
    """The process died, or slept past its lease, while the item was being sent."""
    wait = backoff_s(item.attempts - 1, random) if item.attempts > 1 else 0.0
    hold = ASK_AFTER_S if item.mode == "query" else 0.0
    if not item.offering:
        doubtful = item.uncertain_since is not None
        return Decision(State.QUEUED, "Carryon stopped before anything was sent.", wait, hold if doubtful else 0.0)
    if item.mode == "none":
        return Decision(
            State.UNKNOWN, "Carryon stopped in the middle of sending; look whether it arrived.", uncertain=True
        )
    return Decision(
        State.QUEUED, "Carryon stopped in the middle of sending; a repeat is recognised there.", wait, hold, True
    )


def forgotten(item: Item, key_kept_s: float, now_ms: int) -> bool:
    """Whether a repeat under the same key might no longer be recognised as one. A doubt that begins in the future has
    an age that nobody knows."""
    if item.uncertain_since is None:
        return False
    age_s = (now_ms - item.uncertain_since) / 1_000
    margin_s = min(key_kept_s * KEPT_SHARE, KEPT_MARGIN_S_MAX)
    return not -margin_s <= age_s <= key_kept_s - margin_s


def _was_asked(item: Item) -> bool:
    """The attempt ended while it was asked about an earlier one, or between that and the offer."""
    return item.mode == "query" and item.uncertain_since is not None and not item.offering


def _not_reached(item: Item, error: NotConfiguredError | UnreachableError, random: Random) -> Decision:
    """Without an end until expiry, but for one that can be sent to and, as it is set up, not be asked."""
    if isinstance(error, NotConfiguredError) and _was_asked(item):
        return _unanswered(item, error, random)
    return Decision(State.QUEUED, str(error), backoff_s(item.attempts, random, UNREACHABLE_CAP_S))


def _unanswered(item: Item, error: DeliveryError, random: Random) -> Decision:
    """A destination that cannot say holds up those behind it, so that has an end. One that did answer, and cannot
    tell, will not do so later."""
    told = isinstance(error, UncertainError) and error.answered
    if told or item.unanswered + 1 >= LOOKS_MAX:
        what = f"It may have arrived, and that could not be found out: {error}"
        return Decision(State.UNKNOWN, what, hold_s=_asked_for_s(error), unanswered=True)
    hold = _asked_for_s(error) if isinstance(error, RetryableError) else ASK_AFTER_S
    wait = max(hold, backoff_s(item.unanswered + 1, random))
    return Decision(State.FAILED, str(error), wait, hold, unanswered=True)


def _later(item: Item, error: RetryableError, random: Random) -> Decision:
    if _was_asked(item):
        return _unanswered(item, error, random)
    hold = _asked_for_s(error)
    if _spent(item):
        given_up = RejectedError(f"Given up after {item.offers} tries. {error.what}", error.where, error.todo)
        return replace(_refused(item, given_up), hold_s=hold)
    return Decision(State.FAILED, str(error), max(hold, backoff_s(item.offers, random)), hold)


def _uncertain(item: Item, error: UncertainError, mode: Mode, random: Random) -> Decision:
    if _was_asked(item):
        return _unanswered(item, error, random)
    hold = ASK_AFTER_S if mode == "query" else 0.0
    if mode == "none" or _spent(item):
        return Decision(State.UNKNOWN, str(error), 0.0, hold, uncertain=True)
    return Decision(State.FAILED, str(error), max(hold, backoff_s(item.offers, random)), hold, True)


def _changed(item: Item, error: ChangedError) -> Decision:
    """The change may be the earlier try's own effect, so where one may have arrived it stays in doubt."""
    if item.uncertain_since is not None:
        return Decision(State.UNKNOWN, f"An earlier try may have arrived. {error}")
    then, now = error.then[:SIDE_CHARACTERS_MAX], error.now[:SIDE_CHARACTERS_MAX]
    sides = {"what": error.what, "then": then, "now": now, "basis": dict(error.basis or {})}
    return Decision(State.CONFLICT, str(error), conflict=sides)


def _refused(item: Item, error: DeliveryError) -> Decision:
    """A no now does not undo an earlier try that may have been a yes."""
    if item.uncertain_since is not None:
        what = f"An earlier try may have arrived; the last one was refused: {error}"
        return Decision(State.UNKNOWN, what, unanswered=_was_asked(item))
    return Decision(State.REJECTED, str(error))


def _asked_for_s(error: DeliveryError) -> float:
    """Binds whoever is next in line, also where this one goes no more."""
    return min(error.after_s or 0.0, RETRY_AFTER_S_MAX) if isinstance(error, RetryableError) else 0.0


def _spent(item: Item) -> bool:
    """Each time the user asks to try again, the item gets as many tries anew."""
    return item.offers > 0 and item.offers % OFFERS_MAX == 0
