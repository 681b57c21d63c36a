"""Plays the steps of a case that belong to one phase, and keeps how far it came, so that the next phase, in another
process and with another network, goes on from there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.evals.cases import Case, Condition, Phase, Step
from agent.evals.judge import at, unmet

_VARIABLE = re.compile(r"\{(\w+)\}")
FILE_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class World:
    """`carryon`: a command line to its one document; `received`: what arrived with this text in it."""

    carryon: Callable[[Sequence[str]], Any]
    received: Callable[[str], list[dict[str, str]]]


@dataclass(slots=True)
class Played:
    """How far a case came. `why`: what was not as wanted; `answers_ms`: of each request, by Carryon's own clock."""

    id: str
    names: dict[str, str] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.why

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def play(case: Case, phase: Phase, condition: Condition, world: World, played: Played) -> None:
    for number, step in enumerate(case.steps, 1):
        if step.when == phase:
            document = _document(step, world, played.names)
            wants = fill(step.wanted(condition), played.names)
            played.why += [f"step {number}, {phase}: {reason}" for reason in unmet(wants, document)]
            played.names |= {name: str(at(path, document)) for name, path in step.keep.items()}
            played.answers_ms += _took(document)


def _document(step: Step, world: World, names: Mapping[str, str]) -> Any:
    if step.file:
        return _read(Path(fill(step.file, names)))
    if step.received:
        return world.received(fill(step.received, names))
    return world.carryon([fill(word, names) for word in step.run])


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {"exists": False}
    with file.open("rb") as opened:
        start = opened.read(FILE_BYTES_MAX)
    return {"exists": True, "bytes": file.stat().st_size, "text": start.decode("utf-8", "replace")}


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """{name} becomes what is kept under it; an unknown one stays as it is."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [fill(one, names) for one in value]
    if isinstance(value, dict):
        return {key: fill(one, names) for key, one in value.items()}
    return value


def _took(document: Any) -> list[float]:
    took = at("timings_ms.total", document)
    return [float(took)] if isinstance(took, int | float) else []
