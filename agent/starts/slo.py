"""The promise on starts against the kept ones: quantiles, and how much of the error budget is burnt, by class.

A start is bad when it takes longer than its class's p95. The budget is the share of starts that may be bad; burn 1 is a
budget that is just used up. Classes are never pooled. Few starts are no evidence that a promise is kept; that it is
broken shows earlier.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from agent.starts.record import Start, StartClass

FILE = Path(__file__).with_name("slo.toml")
MARKS = ("window", "ready")
STARTS_MIN = 20  # of a class, before it is said to keep its promise
STARTS_REGRESS = 5  # so many suffice to show that it is broken, as in the gate of the build

Verdict = Literal["pass", "regress", "insufficient"]


@dataclass(frozen=True, slots=True)
class Target:
    mark: str
    kind: StartClass
    p50_ms: float
    p95_ms: float
    budget: float


@dataclass(frozen=True, slots=True)
class Standing:
    """One mark of one class. `p50_ms`, `p95_ms`, `burn`: None where there was no such start."""

    target: Target
    starts: int
    bad: int
    p50_ms: float | None
    p95_ms: float | None
    burn: float | None
    verdict: Verdict


@cache
def targets(file: Path = FILE) -> tuple[Target, ...]:
    import tomllib  # for whoever compares, not for the records

    plain = tomllib.loads(file.read_text("utf-8"))
    return tuple(_target(mark, kind, plain[mark][kind.value]) for mark in MARKS for kind in StartClass)


def standings(starts: Sequence[Start], agreed: Sequence[Target] | None = None) -> tuple[Standing, ...]:
    return tuple(_standing(target, starts) for target in (targets() if agreed is None else agreed))


def verdict(found: Sequence[Standing]) -> Verdict:
    """Of all: the worst. What never happened here says nothing; a class of which there are some starts, but too few, is
    no pass."""
    said = {one.verdict for one in found if one.starts}
    return "regress" if "regress" in said else "pass" if said == {"pass"} else "insufficient"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(len(ordered) * share) - 1))]


def _standing(target: Target, starts: Sequence[Start]) -> Standing:
    mine = [start for start in starts if start.kind is target.kind]
    times = [ms for start in mine if (ms := _mark(start, target.mark)) is not None]
    failed = sum(not start.ok for start in mine) if target.mark == "ready" else 0
    counted = len(times) + failed
    bad = sum(ms > target.p95_ms for ms in times) + failed
    said = _verdict(target, counted, bad, quantile(times, 0.5) if times else 0.0)
    if not times:
        return Standing(target, counted, bad, None, None, None, said)
    p50, p95, burn = quantile(times, 0.5), quantile(times, 0.95), bad / counted / target.budget
    return Standing(target, counted, bad, p50, p95, burn, said)


def _verdict(target: Target, counted: int, bad: int, p50_ms: float) -> Verdict:
    """Of few starts the budget is burnt where it would be, were all that are still missing good."""
    burnt = bad > target.budget * max(counted, STARTS_MIN)
    if counted >= STARTS_REGRESS and (burnt or p50_ms > target.p50_ms):
        return "regress"
    return "insufficient" if counted < STARTS_MIN else "pass"


def _mark(start: Start, mark: str) -> float | None:
    """A failed start has no time of being ready."""
    return start.window_ms if mark == "window" else start.ready_ms if start.ok else None


def _target(mark: str, kind: StartClass, plain: Any) -> Target:
    return Target(mark, kind, float(plain["p50"]), float(plain["p95"]), float(plain["budget"]))
