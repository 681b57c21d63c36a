"""What real attempts showed, place by place: for the state of the network, and for whoever asks what was seen.

Kept in memory, and the last ones in a small table, so that another process (the command line) sees them too. Nothing is
asked of anybody for this: only what was waiting to be sent is ever tried.
"""

import sqlite3
import threading
from collections import deque
from dataclasses import dataclass

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
from sync.transports.port import Receipt
from sync.transports.portal import URL_CHARACTERS_MAX

KEPT_MAX = 200  # in memory
WORDS_CHARACTERS_MAX = 300

_OUTCOMES: tuple[tuple[type[DeliveryError], str], ...] = (
    (SignInError, "sign-in"),
    (UnreachableError, "unreachable"),
    (RetryableError, "later"),
    (ChangedError, "changed"),
    (RejectedError, "refused"),
    (UncertainError, "uncertain"),
    (NotConfiguredError, "not set up"),
)


@dataclass(frozen=True, slots=True)
class Observation:
    """`endpoint`: the destination's name; `outcome`: delivered, sign-in, unreachable, later, changed, refused or
    uncertain; `ms`: how long it took; `at`: unix milliseconds; `page`: of a sign-in, where it is known; `near`: on this
    machine, so it says nothing about the network."""

    endpoint: str
    outcome: str
    ms: int
    at: int
    words: str = ""
    page: str = ""
    near: bool = False


def outcome_of(outcome: Receipt | DeliveryError) -> str:
    if isinstance(outcome, Receipt):
        return "delivered"
    return next((name for kind, name in _OUTCOMES if isinstance(outcome, kind)), "failed")


class Observations:
    """Used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Observation] = deque(maxlen=KEPT_MAX)

    def add(self, observation: Observation) -> None:
        with self._lock:
            self._kept.append(observation)

    def latest(self) -> tuple[Observation, ...]:
        """The newest first."""
        with self._lock:
            return tuple(reversed(self._kept))


def store(connection: sqlite3.Connection, observation: Observation) -> None:
    """On the caller's transaction or on one of its own."""
    connection.execute(
        "INSERT INTO net_observation (endpoint, outcome, ms, at, words, page, near) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            observation.endpoint, observation.outcome, observation.ms, observation.at,
            observation.words[:WORDS_CHARACTERS_MAX], observation.page[:URL_CHARACTERS_MAX],
            int(observation.near),
        ),
    )  # fmt: skip


def stored(connection: sqlite3.Connection, limit: int = KEPT_MAX) -> tuple[Observation, ...]:
    """The newest first, also of other processes."""
    rows = connection.execute(
        "SELECT endpoint, outcome, ms, at, words, page, near FROM net_observation ORDER BY id DESC LIMIT ?", (limit,)
    )
    return tuple(Observation(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows)
