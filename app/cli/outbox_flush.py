"""What a flush would try, told without trying: destination by destination, oldest first, and what would be left. Where
more waits than is shown, each destination shows its first ones, and how many are behind them is said."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.outbox.promised import in_words
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
            "sentence": in_words(self.item.sentence, self.item), "tried": not self.why_not, "why_not": self.why_not,
        }  # fmt: skip

    def line(self) -> str:
        told = f"{self.item.id[:8]}  {self.item.destination}  {in_words(self.item.sentence, self.item)}"
        return f"{told}  (not now: {self.why_not})" if self.why_not else told


def planned(outbox: Outbox, *, denied: bool, now_ms: int | None = None) -> list[Planned]:
    """At most SHOWN_MAX."""
    now = int(time.time() * 1_000) if now_ms is None else now_ms
    return [step for items in _heads(outbox) for step in _turn(items, now, denied=denied)]


def more(outbox: Outbox, steps: list[Planned]) -> int:
    """How many wait behind these."""
    counts = outbox.counts()
    return max(sum(counts.get(state, 0) for state in WAITING) - len(steps), 0)


def shown(steps: list[Planned], left: int) -> list[dict[str, Any]]:
    """For scripts: the steps, and at the end how many are left out, where any are."""
    return [*(step.document() for step in steps), *([{"more": left}] if left else [])]


def _heads(outbox: Outbox) -> Iterator[list[Item]]:
    """Of each destination the first ones, the destination of the oldest first; each has the same room."""
    waiting: dict[str, list[Item]] = {}
    oldest = outbox.list(WAITING, limit=SHOWN_MAX)
    for item in oldest:
        waiting.setdefault(item.destination, []).append(item)
    if len(oldest) < SHOWN_MAX:
        yield from waiting.values()
        return
    places = [name for name, counts in outbox.places().items() if any(counts.get(state) for state in WAITING)]
    names = [*waiting, *(name for name in places if name not in waiting)][:SHOWN_MAX]
    room = SHOWN_MAX // len(names)
    for name in names:
        yield waiting[name][:room] if len(waiting.get(name, ())) >= room else outbox.list(WAITING, name, room)


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
