"""What an attempt shows: while it goes on, that it stands still; when it is over, what that says about the network."""

import time
from collections.abc import Callable

from sync.connectivity import Connectivity
from sync.events import ConnectivityChanged, Event
from sync.item import Item
from sync.observing import Observation, outcome_of
from sync.rows import Clock
from sync.transports.attempt import Attempt
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    SignInError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import PATIENCE, Receipt, Transport

Stalls = Callable[[Item, str], None]


class Showing:
    """Of one destination's round."""

    def __init__(self, connectivity: Connectivity, clock: Clock, tell: Callable[[Event], None], stalls: Stalls) -> None:
        self._connectivity = connectivity
        self._clock = clock
        self._tell = tell
        self._stalls = stalls
        self._began = 0.0
        self._still = False  # what was said last is that nothing comes

    def begun(self, item: Item, transport: Transport) -> Attempt:
        self._began = time.monotonic()
        rung = self._connectivity.rung(item.destination, item.attempts)
        return Attempt(lambda words: self._said(item, words, near=transport.loopback), rung=rung)

    def over(self, item: Item, transport: Transport) -> None:
        """Whatever came of it."""
        if self._still:
            self._said(item, "", near=transport.loopback)

    def of(
        self, item: Item, transport: Transport, attempt: Attempt, outcome: Receipt | DeliveryError
    ) -> Observation | None:
        """For the table, and told where it says something about the network; None of what was no try."""
        if isinstance(outcome, NotConfiguredError):
            return None
        if not transport.loopback:
            self._told(item.destination, attempt, outcome)
        words = "" if isinstance(outcome, Receipt) else outcome.what
        ms = round((time.monotonic() - self._began) * 1_000)
        page = outcome.url if isinstance(outcome, SignInError) else ""
        now = int(self._clock() * 1_000)
        seen = Observation(item.destination, outcome_of(outcome), ms, now, words, page, transport.loopback)
        self._connectivity.observe(seen)
        return seen

    def _told(self, place: str, attempt: Attempt, outcome: Receipt | DeliveryError) -> None:
        connectivity = self._connectivity
        if isinstance(outcome, SignInError) or (isinstance(outcome, UncertainError) and outcome.page):
            url, sure = (outcome.url, outcome.sure) if isinstance(outcome, SignInError) else ("", True)
            self._changed(connectivity.wants_sign_in(outcome.what, url, sure=sure))
        reached = _reached(outcome)
        connectivity.climb(place, _next_rung(attempt, outcome, reached=reached))
        self._changed(connectivity.report(place, reached=reached, loopback=False))

    def _said(self, item: Item, words: str, *, near: bool) -> None:
        self._still = bool(words)
        self._changed(self._connectivity.stalled(item.destination, words, loopback=near))
        self._stalls(item, words)

    def _changed(self, event: ConnectivityChanged | None) -> None:
        if event:
            self._tell(event)


def _reached(outcome: Receipt | DeliveryError) -> bool:
    """Whether somebody of the destination's own answered."""
    lost = isinstance(outcome, UncertainError) and not outcome.answered
    return not lost and not isinstance(outcome, UnreachableError | SignInError)


def _next_rung(attempt: Attempt, outcome: Receipt | DeliveryError, *, reached: bool) -> int:
    """Who was slow to connect and got through is given as much time again; who did not come so far gets more."""
    if isinstance(outcome, UnreachableError):
        return attempt.rung + 1
    slow = attempt.connected_s is not None and attempt.connected_s > PATIENCE[0][0] / 2
    return attempt.rung if slow or not reached else 0
