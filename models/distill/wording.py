"""The notation of the hand-written wordings, and how one line becomes a marked request.

    remind me {due:when+} to {title:task}      an argument filled from a slot kind; + keeps its preposition outside
    [to|Dana] should know [body|it is signed]  an argument given literally
    <please|kindly|> {:greeting}               one of several, perhaps nothing; a slot that is no argument

A marked request is a list of segments, so noise can be applied to each without losing the borders.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from models.records import ToolCard
from models.starter.situation import ALONE, Situation

DEPTH_MAX = 8  # slots within slots

_CHOICE = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{(\w*):(\w+\+?)\}|\[(\w+)\|([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Segment:
    """Text, and the argument it is: (number of the call, name), or None for the words around."""

    text: str
    role: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """A request with its answer: the opening tokens of each outcome, where its arguments are, what it is read with."""

    segments: list[Segment]
    heads: list[tuple[str, ...]] = field(default_factory=list)
    situation: Situation = ALONE
    card: ToolCard | None = None

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Kind:
    """A slot kind: lines to choose from, or a function. Returns the words before the value, and the value."""

    make: Callable[[random.Random], tuple[str, str]]


Kinds = dict[str, Kind]


def choose(template: str, rng: random.Random) -> str:
    while True:
        chosen = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), template)
        if chosen == template:
            return chosen
        template = chosen


def segments_of(template: str, kinds: Kinds, rng: random.Random, call: int = 0) -> list[Segment]:
    """One rendering of `template`."""
    chosen, out, at = choose(template, rng), [], 0
    for match in _SLOT.finditer(chosen):
        out.append(Segment(chosen[at : match.start()]))
        at = match.end()
        name, kind, literal_name, literal = match.groups()
        if literal_name:
            out.append(Segment(literal, (call, literal_name)))
            continue
        before, value = kinds[kind.removesuffix("+")].make(rng)
        if kind.endswith("+"):
            out.append(Segment(before))
        out.append(Segment(value, (call, name) if name else None))
    out.append(Segment(chosen[at:]))
    return [segment for segment in out if segment.text]


def fill(template: str, kinds: Kinds, rng: random.Random, depth: int = 0) -> str:
    """`template` as plain text, slots filled however deep they nest."""
    if depth > DEPTH_MAX:
        raise RecursionError(f"slots nest deeper than {DEPTH_MAX}: {template}")
    return "".join(segment.text for segment in segments_of(template, kinds, rng))
