"""What a run came to: by stratum how many cases passed with a network and without one, and how long an answer took."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.evals.cases import Case, Condition
from agent.evals.playing import Played
from models.starter.shares import lower, upper

TWO_SIDED = 0.975  # leaves 2.5 % beyond each end
Journeys = Mapping[Condition, Mapping[str, Played]]


@dataclass(frozen=True, slots=True)
class Side:
    """One stratum in one condition. `answer_ms`: the median of its requests; None where none was timed."""

    passed: int
    n: int
    answer_ms: float | None = None

    @property
    def share(self) -> float:
        return self.passed / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return lower(self.passed, self.n, TWO_SIDED), upper(self.passed, self.n, TWO_SIDED)


@dataclass(frozen=True, slots=True)
class Row:
    """`lost`: the cases that pass with a network and not without."""

    stratum: str
    online: Side
    offline: Side
    lost: tuple[str, ...] = ()

    @property
    def fewer(self) -> int:
        """So many cases fewer pass without a network."""
        return self.online.passed - self.offline.passed


@dataclass(frozen=True, slots=True)
class Missed:
    case: str
    condition: Condition
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """`network`: how the network was taken away; `skipped`: cases that could not be played, and do not count;
    `spoke`: whom somebody addressed who had no network."""

    network: str
    rows: tuple[Row, ...]
    missed: tuple[Missed, ...]
    skipped: tuple[str, ...] = ()
    spoke: tuple[str, ...] = ()


def rows(cases: Sequence[Case], journeys: Journeys) -> tuple[Row, ...]:
    """In the order of the suite."""
    return tuple(
        _row(stratum, [case.id for case in cases if case.stratum == stratum], journeys)
        for stratum in dict.fromkeys(case.stratum for case in cases)
    )


def _row(stratum: str, names: Sequence[str], journeys: Journeys) -> Row:
    lost = [name for name in names if journeys["online"][name].passed and not journeys["offline"][name].passed]
    sides = {condition: _side(played[name] for name in names) for condition, played in journeys.items()}
    return Row(stratum, sides["online"], sides["offline"], tuple(lost))


def _side(played: Iterable[Played]) -> Side:
    found = list(played)
    took = [ms for one in found for ms in one.answers_ms]
    return Side(sum(one.passed for one in found), len(found), round(statistics.median(took), 1) if took else None)


def missed(journeys: Journeys) -> tuple[Missed, ...]:
    return tuple(
        Missed(one.id, condition, tuple(one.why))
        for condition, played in journeys.items()
        for one in played.values()
        if not one.passed
    )
