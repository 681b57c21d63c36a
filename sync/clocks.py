"""What can be said about time on a machine whose clock may be set at will.

Rows hold the wall clock, because they outlive the boot. A clock that was set forward makes things look older than they
are: they are asked about sooner, which is safe. One that was set back makes them look younger, and that is found here:
within a process by a second clock that nobody can set, across a restart by the last line of the history.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sync.item import Item

SLACK_MS = 60_000  # smaller steps are a time server's daily business
SPAN_MS_MAX = 366 * 86_400_000


def elapsed_s() -> float:
    """Seconds that passed, sleep included where the system can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot) if boot is not None else time.monotonic()


class UnderWay:
    """What is being sent by this process, and since when by a clock that nobody sets."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_s) -> None:
        self._elapsed = elapsed
        self._began: dict[str, float] = {}  # at most one for each round in flight

    def begin(self, item_id: str) -> None:
        self._began[item_id] = self._elapsed()

    def end(self, item_id: str) -> None:
        self._began.pop(item_id, None)

    def holds(self, item_id: str, for_s: float) -> bool:
        """Whether it began less than so long ago."""
        began = self._began.get(item_id)
        return began is not None and self._elapsed() - began < for_s


class Watch:
    """By how much the wall clock was set back since it was last asked about."""

    def __init__(self, clock: Callable[[], float], elapsed: Callable[[], float] = elapsed_s) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._offset = clock() - elapsed()

    def set_back_ms(self) -> int:
        """0 for less than SLACK_MS; small steps add up until they are more."""
        offset = self._clock() - self._elapsed()
        back = int((self._offset - offset) * 1_000)
        if back <= 0 or back >= SLACK_MS:
            self._offset = offset
        return back if back >= SLACK_MS else 0


def rejuvenated(item: Item, now_ms: int) -> Mapping[str, Any]:
    """The columns that change when it was written down at a time that has not come yet: its age cannot be known, so it
    gets its own span again from now on, and no more. {} when all is well."""
    if item.created_at <= now_ms + SLACK_MS:
        return {}
    span = min(max(item.expires_at - item.created_at, 0), SPAN_MS_MAX)
    return {"created_at": now_ms, "expires_at": now_ms + span, **shortened_wait(item, now_ms)}


def shortened_wait(item: Item, now_ms: int) -> Mapping[str, Any]:
    """The same for a wait: as long as it was meant to be, counted from now."""
    ahead = item.updated_at - now_ms
    if ahead <= SLACK_MS:
        return {}
    return {
        "next_attempt_at": max(item.next_attempt_at - ahead, 0),
        "held_until": max(item.held_until - ahead, 0),
    }
