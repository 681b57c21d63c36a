"""How a chat model spoke within a turn: a text, the calls it wrote, a text again. Kept with the turn, so that the next
prompt holds the very same words in the same order, and what a model has read of them need not be read again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from agent.protocol.records import Message


@dataclass(frozen=True, slots=True)
class Written:
    """One call as the model wrote it. `id`: the model's own; `call_id`: of the stored call that came of it; `name` and
    `arguments` only where they are not those of the stored call (it changed or took back an earlier one)."""

    id: str
    call_id: str
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Round:
    """One answer of the model that ended in calls: its text, and what it wrote. The text behind the last calls is not
    among them; it is what the message has beyond these."""

    text: str
    calls: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as a prompt may be made of it; `seq` is its place in the thread."""

    message: Message
    seq: int
    rounds: tuple[Round, ...] = ()


def rounds_text(rounds: Sequence[Round]) -> str | None:
    """As it is stored; None: there is nothing to say beyond the message itself."""
    if not rounds:
        return None
    return json.dumps([_plain(one) for one in rounds], ensure_ascii=False, separators=(",", ":"))


def rounds_of(text: str | None) -> tuple[Round, ...]:
    kept = json.loads(text) if text else ()
    return tuple(Round(one["text"], tuple(Written(**call) for call in one["calls"])) for one in kept)


def _plain(one: Round) -> dict[str, Any]:
    calls = [asdict(call) for call in one.calls]
    return {"text": one.text, "calls": [{name: value for name, value in call.items() if value} for call in calls]}
