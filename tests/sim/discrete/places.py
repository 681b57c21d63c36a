"""Destinations in memory that count effects. Each is a Transport; what goes wrong on the way is drawn for each try.

    key      recognises a repeat for a day of its own time
    query    can be asked whether a key arrived
    none     neither

One that is `each` is another of these for each item. When it is asked it may be unable to say.

Temper, for each try: kind, or it puts off (with or without a wait), refuses, or is slow to act: the sender has given up
when the effect comes. `liar` says "later" (key) or "refused" (others) although it acted.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sync.item import Item
from sync.transports.outcomes import (
    ChangedError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Mode, Offer, Receipt

KEY_KEPT_S = 86_400.0
LATE_S_MAX = 25.0  # sync/retry.py leaves it half a minute before it is asked
EACH: tuple[Mode, ...] = ("key", "query", "none")
TEMPERS = ("kind", "later", "refuses", "late", "liar")


class Around(Protocol):
    """What a place needs of the world it is in."""

    chance: random.Random

    def true_now(self) -> float: ...

    def advance(self, seconds: float) -> None: ...

    def later(self, seconds: float, act: Callable[[], None]) -> None: ...

    def towards(self, destination: str) -> str: ...

    def note(self, what: str) -> None: ...


class Watch(Protocol):
    """Told at the moments that matter, by the process that sends."""

    def sends(self, item: Item, place: "Place") -> None: ...

    def offered(self, item: Item) -> None: ...

    def meanwhile(self, item: Item, stage: str) -> None: ...

    def answered(self, item: Item) -> None: ...

    def changed(self, item: Item) -> None: ...


@dataclass
class Place:
    """The thing itself; `Line` is one process's way to it. `tempers`: weights, in the order of TEMPERS."""

    name: str
    mode: Mode
    tempers: tuple[int, ...] = (10, 3, 1, 1, 0)
    honest: bool = True  # else a "key" place that has a second effect all the same
    each: bool = False  # how a repeat is recognised depends on the item
    says: float = 0.9  # how often it can say whether something arrived
    version: int = 0  # what items may have been decided on
    acted: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    _known: dict[str, float] = field(default_factory=dict)

    def mode_of(self, item: Item) -> Mode:
        return EACH[int(str(item.payload["call"]).split()[1]) % len(EACH)] if self.each else self.mode

    def act(self, item: Item, now: float) -> None:
        known = self._known.get(item.id)
        if self.mode_of(item) == "key" and self.honest and known is not None and now - known <= KEY_KEPT_S:
            return
        self._known[item.id] = now if known is None else max(known, now)
        self.acted[item.id] += 1
        self.order.append(item.id)
        self.words[item.id] = str(item.payload.get("text"))

    def __post_init__(self) -> None:
        self.lies = self.tempers[TEMPERS.index("liar")] > 0  # once a liar, also when it has become kind

    def remember_for_good(self, item: Item) -> None:
        """Whoever lies about a key must at least know it again, or nobody could be right."""
        self._known[item.id] = float("inf")

    def reference(self, item_id: str) -> str:
        return f"no-{item_id[:8]}"


def line(place: Place, around: Around, watch: Watch) -> "Line":
    return (LineForEach if place.each else Line)(place, around, watch)


class Line:
    """One process's transport to a place, for one round."""

    loopback = False
    key_kept_s = KEY_KEPT_S

    def __init__(self, place: Place, around: Around, watch: Watch) -> None:
        self._place, self._around, self._watch = place, around, watch
        self.name = place.name
        self.mode: Mode = place.mode

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        around, watch, chance = self._around, self._watch, self._around.chance
        watch.sends(item, self._place)
        self._get_through(chance)
        watch.meanwhile(item, "connected")
        self._look_for_changes(item)
        offer()
        watch.offered(item)
        watch.meanwhile(item, "offered")
        road = around.towards(self.name)
        if road == "resets" and chance.random() < 0.3:
            raise UncertainError("The line went dead.", self.name)
        self._temper(item, chance)
        self._place.act(item, around.true_now())
        watch.meanwhile(item, "acted")
        if (road == "resets" and chance.random() < 0.3) or (road == "slow" and chance.random() < 0.2):
            around.advance(20 if road == "slow" else 0)
            raise UncertainError("No answer came.", self.name)
        watch.answered(item)
        reference = self._place.reference(item.id)
        return Receipt("It arrived.", reference, f"https://example.org/{reference}")

    def find(self, item: Item) -> Receipt | None:
        self._watch.sends(item, self._place)
        chance = self._around.chance
        self._get_through(chance)
        if chance.random() > self._place.says:
            if chance.random() < 0.2:
                raise UncertainError("There is too much to be sure.", self.name, "Look there.", answered=True)
            raise RetryableError("It cannot say just now.", self.name)
        if not self._place.acted[item.id]:
            return None
        self._watch.answered(item)
        return Receipt("It is there.", self._place.reference(item.id))

    def _get_through(self, chance: random.Random) -> None:
        """To the moment before the first byte."""
        road = self._around.towards(self.name)
        if chance.random() < 0.02:
            raise NotConfiguredError("There is no account.", self.name, "Set one up.")
        if road == "down":
            raise UnreachableError("Nobody is there.", self.name)
        if road == "black hole":
            self._around.advance(10)
            raise UnreachableError("It took too long.", self.name)
        if road == "portal":
            if chance.random() < 0.5:
                raise UnreachableError("The certificate is another's.", self.name)
            raise RetryableError("The network may want you to sign in.", self.name)
        if road == "slow":
            self._around.advance(chance.uniform(0, 40))
        if road == "resets" and chance.random() < 0.3:
            raise UnreachableError("The line went dead.", self.name)

    def _look_for_changes(self, item: Item) -> None:
        then, now = (item.basis or {}).get("version"), self._place.version
        if then is not None and then != now:
            self._watch.changed(item)
            raise ChangedError(
                "It was changed since.", self.name, "Look at both.",
                then=f"version {then}", now=f"version {now}", basis={"version": now},
            )  # fmt: skip

    def _temper(self, item: Item, chance: random.Random) -> None:
        place, around = self._place, self._around
        temper = chance.choices(TEMPERS, place.tempers)[0]
        if temper == "later":
            wait = chance.choice([None, 5.0, 300.0, 90_000.0])
            raise RetryableError("Come again later.", self.name, after_s=wait)
        if temper == "refuses":
            raise RejectedError("This is not wanted here.", self.name)
        if temper == "late":
            around.later(chance.uniform(0, LATE_S_MAX), lambda: place.act(item, around.true_now()))
            raise UncertainError("No answer came.", self.name)
        if temper == "liar":
            place.act(item, around.true_now())
            place.remember_for_good(item)
            lie = RetryableError("Later.", self.name) if place.mode == "key" else RejectedError("No.", self.name)
            raise lie


class LineForEach(Line):
    def mode_of(self, item: Item) -> Mode:
        return self._place.mode_of(item)
