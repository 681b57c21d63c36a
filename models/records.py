"""The plain records of a decision, shared by the port and the starter. Nothing is imported with them, so the window
need not load the code that cuts and understands a request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SLOTS_MAX = 3  # arguments of a strange tool that the starter can fill

Outcome = Literal["called", "answered", "handoff", "clarify"]
Follow = Literal["amend", "again", "undo", "other", "fill"]


@dataclass(frozen=True, slots=True)
class PointedCall:
    """One call with its arguments; `spans` holds the (start, end) of each in the request, before normalising."""

    tool: str
    args: dict[str, str]
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the starter decided. The same request gives the same decision on every run.

    `calls`: what to do; with `follow` they are about a call just made or asked about, and hold only what is new:
    "amend" changes it, "again" makes another beside it, "undo" takes it back, "other" wants the other one that the name
    could mean, "fill" completes the call that was asked about. `topic`: what a reply is about. A "clarify" names the
    tool in `missing`, and in `lacks` the arguments it needs, with what was given in `guess`; without `lacks` the model
    was not sure enough: `guess` holds the calls it had in mind and `second` those of its second reading, if any.
    """

    outcome: Outcome
    confidence: float  # 0 to 1
    calls: tuple[PointedCall, ...] = ()
    topic: str | None = None
    missing: str | None = None
    lacks: tuple[str, ...] = ()
    guess: tuple[PointedCall, ...] = ()
    second: tuple[PointedCall, ...] = ()
    follow: Follow | None = None
    tokens: int = 0  # evaluated, prompt and answer
    first_token_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class CardArgument:
    name: str
    about: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class ToolCard:
    """A tool in its author's words. Only the first SLOTS_MAX arguments can be filled, needed ones first."""

    name: str
    about: str
    arguments: tuple[CardArgument, ...] = ()

    @property
    def slots(self) -> tuple[CardArgument, ...]:
        return tuple(sorted(self.arguments, key=lambda argument: not argument.required))[:SLOTS_MAX]

    @property
    def usable(self) -> bool:
        """Whether the model can give it all that it needs."""
        return sum(argument.required for argument in self.arguments) <= SLOTS_MAX
