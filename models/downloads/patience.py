"""How long a download waits, how often it tries, in how many connections: every bound of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """`pauses_s`: before the next attempt after 1, 2, … in a row that brought not one byte; after the last it gives up.

    Together they outlast a network that changes and a router that starts again, some five minutes. A sleeping machine
    uses none of them up: time stands still for it.
    """

    connect_s: float = 15.0
    read_s: float = 30.0  # nothing arrives for so long: the connection is taken for dead
    first_attempts_max: int = 5  # to reach the server at all
    pauses_s: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 30.0, 60.0, 60.0, 60.0)
    asked_wait_max_s: float = 300.0  # a server that asks for a longer wait is not waited for
    restarts_max: int = 3  # of the whole file, when it changed on the server
    connections: int = 4
    piece_bytes: int = 32 * 1024 * 1024  # what one request asks for

    @property
    def attempts_max(self) -> int:
        return len(self.pauses_s) + 1


def asked_wait_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """What Retry-After asks for, as seconds or as a date; None when it is not there or makes no sense."""
    from email.utils import parsedate_to_datetime  # brings sockets along; not while the window is starting

    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
