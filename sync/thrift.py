"""What is not sent although it could be: on a network that costs by the byte, or while the battery runs low, as far as
the settings say so. Both are hints of the front end; where nobody knows, everything is sent. "Try now" overrides.

    all    everything is sent
    small  what is large waits
    none   everything waits
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sync.item import Item
from sync.rows import Clock

Rule = Literal["all", "small", "none"]

SMALL_BYTES_MAX = 500_000
WAIVED_MAX = 10_000

Weigh = Callable[[Item], int | None]


@dataclass(frozen=True, slots=True)
class Rules:
    metered: Rule = "all"
    low_battery: Rule = "all"


class Thrift:
    """Used from several threads. `rules`: as the settings have them now; `weigh`: bytes of what goes with an item,
    None where nobody can tell."""

    def __init__(self, clock: Clock, rules: Callable[[], Rules] = Rules, weigh: Weigh | None = None) -> None:
        self._clock = clock
        self._rules = rules
        self._weigh = weigh or (lambda _item: 0)
        self._lock = threading.Lock()
        self._metered = self._low = False
        self._waived_ms = 0
        self._waived_places: dict[str, int] = {}
        self._waived: dict[str, None] = {}

    def hint(self, *, metered: bool | None = None, low_battery: bool | None = None) -> None:
        """What the system believes; None: it does not know."""
        with self._lock:
            self._metered, self._low = bool(metered), bool(low_battery)
            if not (self._metered or self._low):
                self._waived.clear()
                self._waived_places.clear()
                self._waived_ms = 0

    def waive_all(self) -> None:
        """The user wants everything sent that is there by now."""
        with self._lock:
            self._waived_ms = int(self._clock() * 1_000)

    def waive_place(self, destination: str) -> None:
        """The same for one destination."""
        with self._lock:
            self._waived_places[destination] = int(self._clock() * 1_000)
            while len(self._waived_places) > WAIVED_MAX:
                del self._waived_places[next(iter(self._waived_places))]

    def waive(self, *item_ids: str) -> None:
        """The user wants these sent all the same."""
        with self._lock:
            self._waived.update(dict.fromkeys(item_ids))
            while len(self._waived) > WAIVED_MAX:
                del self._waived[next(iter(self._waived))]

    def holds(self, item: Item, *, loopback: bool) -> str:
        """Why it waits, in words for the user; "" when it does not."""
        with self._lock:
            metered, low = self._metered, self._low
            since = max(self._waived_ms, self._waived_places.get(item.destination, 0))
            waived = item.id in self._waived or item.created_at <= since
        if loopback or waived or not (metered or low):
            return ""
        rules = self._rules()
        why = self._held(item, rules.metered, "metered", "this connection is metered") if metered else ""
        return why or (self._held(item, rules.low_battery, "low_battery", "the battery is low") if low else "")

    def _held(self, item: Item, rule: Rule, key: str, why: str) -> str:
        if rule == "all":
            return ""
        large = self._large(item) if rule == "small" else ""
        if rule == "small" and not large:
            return ""
        return f"Held because {why}{large}. (~/.agentrc, network.{key}) Press “try now” to send it all the same."

    def _large(self, item: Item) -> str:
        """In words; "" for what is small."""
        attached = self._weigh(item)
        if attached is None:
            return " and it may be large"
        size = attached + _text_bytes(item.payload)
        return f" and it is large ({size / 1e6:.1f} MB)" if size > SMALL_BYTES_MAX else ""


def _text_bytes(payload: Mapping[str, object]) -> int:
    return sum(len(str(value).encode()) for value in payload.values())
