"""The contract of a transport. The in-memory twin (sync/loopback.py) and the real ones pass the same tests.

A transport is used by one thread at a time and holds nothing between two deliveries.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

from sync.item import Item

Mode = Literal["key", "query", "none"]
Offer = Callable[[], None]

TEXT_CHARACTERS_MAX = 500
# Seconds to connect, and of silence before the offer, on the first and the second try; later ones have all of Limits.
# A network that lies is given up soon; a satellite gets through on the next try.
PATIENCE: tuple[tuple[float, float], ...] = ((2.0, 5.0), (5.0, 10.0))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The destination's confirmation. `reference`: its own id for what came of it; `url`: where to look at it."""

    text: str
    reference: str = ""
    url: str = ""

    def as_facts(self) -> dict[str, str]:
        facts = {"text": self.text, "reference": self.reference, "url": self.url}
        return {name: value[:TEXT_CHARACTERS_MAX] for name, value in facts.items() if value}


class Transport(Protocol):
    """`mode`: how a repeat is recognised there: "key" it deduplicates by the idempotency key, "query" it can be asked
    whether the key arrived, "none" neither. `loopback`: on this machine, so no network is needed."""

    @property
    def name(self) -> str: ...

    @property
    def mode(self) -> Mode: ...

    @property
    def loopback(self) -> bool: ...

    @property
    def key_kept_s(self) -> float:
        """For how long the destination surely remembers a key; after that it is asked or the user is."""
        ...

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        """Cause the effect once. `offer` is called exactly once, immediately before the first byte that could cause
        it; if it raises, nothing may be sent. Raises one of sync.transports.outcomes; returns within its time-out."""
        ...

    def find(self, item: Item) -> Receipt | None:
        """Mode "query": what became of an earlier attempt, None if it surely did not arrive. Else never called."""
        ...


@runtime_checkable
class PerItem(Protocol):
    """A transport at which a repeat of some items is recognised and of others is not."""

    def mode_of(self, item: Item) -> Mode: ...


def mode_of(transport: Transport, item: Item) -> Mode:
    return transport.mode_of(item) if isinstance(transport, PerItem) else transport.mode


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. `total_s` bounds a delivery whole, also against a destination that dribbles; `tell_s`: after so long
    without a step forward it is said what is not working."""

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 45.0
    answer_bytes_max: int = field(default=1_000_000, kw_only=True)
    tell_s: float = field(default=1.5, kw_only=True)

    def before_offer(self, rung: int) -> "Limits":
        """How long is waited while giving up is safe; `rung`: how many tries have failed to come that far."""
        if rung >= len(PATIENCE):
            return self
        connect_s, read_s = PATIENCE[max(rung, 0)]
        return replace(self, connect_s=min(self.connect_s, connect_s), read_s=min(self.read_s, read_s))
