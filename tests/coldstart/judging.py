"""From samples to a verdict. Pure.

A ratio is the median of ours over the median of the bare thing's. Both vary, so the ratio comes with an interval: both
are drawn anew, with replacement, many times. A budget is broken when even the low end is over it; it is kept when the
ratio is within it and there were enough starts; between the two there is too little evidence.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.starts.slo import quantile
from tests.coldstart.budgets import Budget, Budgets

DRAWS = 400
ONE_SIDED = 0.05
Verdict = Literal["pass", "regress", "insufficient", "infra"]
WORST: tuple[Verdict, ...] = ("regress", "infra", "insufficient", "pass")


@dataclass(frozen=True, slots=True)
class Ratio:
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One budget and what was found. `ms`: the median of ours; `p95`: None where nothing is said of it."""

    budget: Budget
    starts: int
    ms: float
    p50: Ratio
    p95: Ratio | None
    verdict: Verdict
    why: str


def judge(budget: Budget, ours: Sequence[float], bare: Sequence[float], budgets: Budgets) -> Judged:
    p50 = ratio(ours, bare, lambda values: quantile(values, 0.5))
    p95 = None if budget.p95 is None else ratio(ours, bare, lambda values: quantile(values, 0.95))
    verdict, why = _verdict(budget, p50, p95, len(ours), budgets)
    return Judged(budget, len(ours), quantile(ours, 0.5), p50, p95, verdict, why)


def ratio(ours: Sequence[float], bare: Sequence[float], of: Callable[[Sequence[float]], float]) -> Ratio:
    """Of ours to the middle of the bare, with the ends of a one-sided interval each."""
    chance = random.Random(7)
    middle = quantile(bare, 0.5)
    drawn = sorted(
        of(chance.choices(ours, k=len(ours))) / quantile(chance.choices(bare, k=len(bare)), 0.5) for _ in range(DRAWS)
    )
    return Ratio(of(ours) / middle, quantile(drawn, ONE_SIDED), quantile(drawn, 1 - ONE_SIDED))


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Of all; "infra" when there are none."""
    return next((verdict for verdict in WORST if verdict in verdicts), "infra")


def _verdict(budget: Budget, p50: Ratio, p95: Ratio | None, starts: int, budgets: Budgets) -> tuple[Verdict, str]:
    over = _over(p50, budget.p50, "half of the starts") or (
        _over(p95, budget.p95, "95 of 100 starts") if p95 and budget.p95 else ""
    )
    if over and starts >= budgets.starts_regress:
        return "regress", over
    if starts < budgets.starts_min:
        return "insufficient", f"{starts} starts; {budgets.starts_min} are needed"
    if p50.value > budget.p50 or (p95 and budget.p95 and p95.value > budget.p95):
        return "insufficient", "over the budget, but within the noise of this machine"
    return "pass", ""


def _over(found: Ratio, allowed: float, of: str) -> str:
    return f"{of} took {found.value:.1f} times as long; {allowed:g} is allowed" if found.low > allowed else ""
