"""What comes of a call: one of four. Facts are JSON values for agent/speech to word; a tool writes no prose.

Times in facts are ISO 8601 in the user's zone with its offset ("2026-03-06T09:00:00+01:00"); a day without a time is
"2026-03-06".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync.intent import Intent

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """What was done here goes elsewhere, too. `asks`: that part needs a yes of its own; `place`: its name, in words."""

    intent: "Intent"
    place: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Bytes that came with an answer, such as a picture; what they are, they say themselves."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """It happened here and now. `artifact_id`: the work that was made or changed; `copy`: enqueued by the caller in the
    transaction that stores the call; `enclosures`: of another program, until they are kept in the library."""

    facts: Facts
    artifact_id: str | None = None
    copy: Copy | None = None
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Deferred:
    """Decided; the outbox carries it out. The caller enqueues `intent` in the transaction that stores the call."""

    intent: "Intent"
    facts: Facts


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change of the settings that the user must accept: `key` as TOML writes it, None takes the key out."""

    key: str
    value: Any
    facts: Facts


@dataclass(frozen=True, slots=True)
class NeedsClarification:
    """Cannot be completed as it stands. `ask` names the question, `choices` are answers to offer; `ids`: the pieces of
    work that they stand for, one for each, () where the words themselves are the answer."""

    ask: str
    facts: Facts = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


Result = Done | Deferred | Proposed | NeedsClarification
