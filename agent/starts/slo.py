"""The promise on starts against the kept ones: quantiles, and how much of the error budget is burnt, by class.

A start is bad when it takes longer than its class's p95. The budget is the share of starts that may be bad; burn 1 is a
budget that is just used up. Classes are never pooled, and few starts are no evidence.
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
STARTS_MIN = 20  # of a class, before anything is said of it

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
    """Of all: the worst that is known; "insufficient" only where nothing is."""
    said = {one.verdict for one in found}
    return "regress" if "regress" in said else "pass" if "pass" in said else "insufficient"


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
    if not times:
        return Standing(target, counted, bad, None, None, None, "insufficient")
    p50, p95, burn = quantile(times, 0.5), quantile(times, 0.95), bad / counted / target.budget
    missed = burn > 1 or p50 > target.p50_ms
    said: Verdict = "insufficient" if counted < STARTS_MIN else "regress" if missed else "pass"
    return Standing(target, counted, bad, p50, p95, burn, said)


def _mark(start: Start, mark: str) -> float | None:
    """A failed start has no time of being ready."""
    return start.window_ms if mark == "window" else start.ready_ms if start.ok else None


def _target(mark: str, kind: StartClass, plain: Any) -> Target:
    return Target(mark, kind, float(plain["p50"]), float(plain["p95"]), float(plain["budget"]))
