"""The in-memory twin of a destination, with faults on demand. Ships for demonstrations and tests, and passes the same
contract tests as the real transports.

    Loopback(faults=Script.from_seed(7).drop(0.2).lose_answer(0.1).put_off(0.1, after_s=3))

What happened "there" is in `effects`, in order; with mode "key" a repeat of a key has no second effect. `world` is what
is so there: an item that was decided on something else is not done.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sync.item import Item
from sync.transports.outcomes import ChangedError, RejectedError, RetryableError, UncertainError, UnreachableError
from sync.transports.port import Mode, Offer, Receipt

Fault = Literal["none", "drop", "put_off", "lose_request", "lose_answer", "duplicate", "reject"]


@dataclass(frozen=True, slots=True)
class Script:
    """Chances of each fault, drawn anew for each delivery; or a fixed list that comes first."""

    seed: int = 0
    fixed: tuple[Fault, ...] = ()
    chances: tuple[tuple[Fault, float], ...] = ()
    after_s: float | None = None

    @classmethod
    def from_seed(cls, seed: int) -> "Script":
        return cls(seed)

    @classmethod
    def of(cls, *faults: Fault, after_s: float | None = None) -> "Script":
        return cls(fixed=faults, after_s=after_s)

    def drop(self, chance: float) -> "Script":
        """Nobody is reached."""
        return self._with("drop", chance)

    def put_off(self, chance: float, after_s: float | None = None) -> "Script":
        return replace(self._with("put_off", chance), after_s=after_s)

    def lose_request(self, chance: float) -> "Script":
        """The connection breaks before the destination acts."""
        return self._with("lose_request", chance)

    def lose_answer(self, chance: float) -> "Script":
        """The connection breaks after the destination acted."""
        return self._with("lose_answer", chance)

    def duplicate(self, chance: float) -> "Script":
        """The network repeats the request by itself."""
        return self._with("duplicate", chance)

    def reject(self, chance: float) -> "Script":
        return self._with("reject", chance)

    def _with(self, fault: Fault, chance: float) -> "Script":
        return replace(self, chances=(*self.chances, (fault, chance)))


@dataclass(slots=True)
class Loopback:
    """`effects`: keys and payloads as they took effect. `now`: with it keys are forgotten after `key_kept_s`."""

    name: str = "loopback"
    mode: Mode = "key"
    faults: Script = field(default_factory=Script)
    loopback: bool = True
    key_kept_s: float = 86_400.0
    effects: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    links: bool = False  # whether its receipts name a place to look at
    world: Mapping[str, Any] | None = None
    now: Callable[[], float] | None = None
    _seen: dict[str, float] = field(default_factory=dict)
    _random: random.Random = field(init=False)
    _calls: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.faults.seed)  # noqa: S311  a script of faults, not a secret

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        fault = self._next()
        if fault == "drop":
            raise UnreachableError("Nobody is there.", self.name, "It is tried again.")
        if item.basis is not None and self.world is not None and dict(item.basis) != dict(self.world):
            then, now = str(dict(item.basis)), str(dict(self.world))
            raise ChangedError("The world has changed.", self.name, then=then, now=now, basis=self.world)
        offer()
        if fault == "put_off":
            raise RetryableError("Come again later.", self.name, "It is tried again.", after_s=self.faults.after_s)
        if fault == "reject":
            raise RejectedError("This is not wanted here.", self.name, "Change it.")
        if fault == "lose_request":
            raise UncertainError("The line went dead.", self.name, "Look whether it arrived.")
        for _ in range(2 if fault == "duplicate" else 1):
            self._act(item)
        if fault == "lose_answer":
            raise UncertainError("The line went dead.", self.name, "Look whether it arrived.")
        return self._receipt("It arrived.", item)

    def find(self, item: Item) -> Receipt | None:
        return self._receipt("It is there.", item) if self.times(item.idempotency_key) else None

    def times(self, key: str) -> int:
        """How often a key had its effect."""
        return sum(1 for known, _ in self.effects if known == key)

    def _act(self, item: Item) -> None:
        if self.mode == "key" and self._remembers(item.idempotency_key):
            return
        self._seen[item.idempotency_key] = self.now() if self.now else 0.0
        self.effects.append((item.idempotency_key, dict(item.payload)))

    def _receipt(self, text: str, item: Item) -> Receipt:
        key = item.idempotency_key
        return Receipt(text, key, f"loopback:{self.name}/{key}" if self.links else "")

    def _remembers(self, key: str) -> bool:
        if not self.times(key):
            return False
        return self.now is None or self.now() - self._seen[key] <= self.key_kept_s

    def _next(self) -> Fault:
        self._calls += 1
        if self._calls <= len(self.faults.fixed):
            return self.faults.fixed[self._calls - 1]
        draw = self._random.random()
        for fault, chance in self.faults.chances:
            if draw < chance:
                return fault
            draw -= chance
        return "none"
