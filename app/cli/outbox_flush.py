"""What a flush would try, told without trying: destination by destination, oldest first, and what would be left."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.cli.printing import moment
from sync.item import Item
from sync.outbox import Outbox
from sync.states import State

WAITING = (State.QUEUED.value, State.FAILED.value, State.SENDING.value)
SHOWN_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Planned:
    """`why_not`: "" where it would be tried."""

    item: Item
    why_not: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "id": self.item.id, "destination": self.item.destination, "state": self.item.state.value,
            "sentence": self.item.sentence, "tried": not self.why_not, "why_not": self.why_not,
        }  # fmt: skip

    def line(self) -> str:
        told = f"{self.item.id[:8]}  {self.item.destination}  {self.item.sentence}"
        return f"{told}  (not now: {self.why_not})" if self.why_not else told


def planned(outbox: Outbox, *, denied: bool, now_ms: int | None = None) -> list[Planned]:
    """The destination whose oldest item waits longest comes first; the first that is put off there ends its turn."""
    now = int(time.time() * 1_000) if now_ms is None else now_ms
    waiting: dict[str, list[Item]] = {}
    for item in outbox.list(WAITING, limit=SHOWN_MAX):
        waiting.setdefault(item.destination, []).append(item)
    return [step for items in waiting.values() for step in _turn(items, now, denied=denied)]


def _turn(items: list[Item], now: int, *, denied: bool) -> Iterator[Planned]:
    held = ""
    for item in items:
        if item.waits_for:  # holds back nobody
            yield Planned(item, item.last_error or f"it waits for {item.waits_for} other")
            continue
        held = held or _held(item, now, denied=denied)
        yield Planned(item, held)


def _held(item: Item, now: int, *, denied: bool) -> str:
    if denied:
        return "the network is denied"
    if item.state is State.SENDING:
        return "another process is sending to this destination"
    if item.held_until > now:
        return f"the destination asked to wait until {moment(item.held_until)}"
    return ""
