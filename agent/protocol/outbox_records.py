"""What the outbox is narrowed to, and how a destination stands: plain rows for every front end."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """`text`: words of the sentence, the last one perhaps not typed to its end; None and () leave all in."""

    states: tuple[str, ...] = ()
    destination: str | None = None
    tool: str | None = None
    conversation_id: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlaceStanding:
    """One destination. Times are unix milliseconds, None where there is none. `head_id`: the oldest item that is on its
    way there, which holds back those behind it; `next_try_at`: of that one; `trouble`: why it did not arrive yet, or,
    where none is on its way, why the newest that waits for the user did not; `attempts`: of the one that `trouble` is
    about; `reached_at`: when something last arrived by the destination's own word."""

    destination: str
    counts: Mapping[str, int] = field(default_factory=dict)
    head_id: str = ""
    sending: bool = False
    attempts: int = 0
    next_try_at: int | None = None
    trouble: str = ""
    reached_at: int | None = None
