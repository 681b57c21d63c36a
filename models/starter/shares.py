"""What a share among so many cases shows: Wilson's bounds, and the verdict of a floor.

`level` is one-sided: 0.95 leaves one chance in twenty that the true share lies beyond the bound.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

Verdict = Literal["pass", "regress", "insufficient"]
LEVEL = 0.95


def lower(right: int, total: int, level: float = LEVEL) -> float:
    """The share is at least this, as sure as `level`."""
    return _wilson(right, total, level, -1.0)


def upper(right: int, total: int, level: float = LEVEL) -> float:
    """The share is at most this, as sure as `level`."""
    return _wilson(right, total, level, 1.0)


def at_least(right: int, total: int, floor: float, level: float = LEVEL) -> Verdict:
    """Whether the true share is shown to be at or above `floor`, shown to be below it, or neither."""
    if lower(right, total, level) >= floor:
        return "pass"
    return "regress" if upper(right, total, level) < floor else "insufficient"


def at_most(wrong: int, total: int, ceiling: float, level: float = LEVEL) -> Verdict:
    return at_least(total - wrong, total, 1 - ceiling, level)


def loss_at_most(lost: int, gained: int, total: int, margin: float, level: float = LEVEL) -> Verdict:
    """Whether the same cases, answered twice, lost no more than `margin` of them: Agresti and Min's bounds (2005) of
    the difference, which count half a case more on each side and so never take few cases for certainty."""
    change, spread = paired_change(lost, gained, total)
    reach = NormalDist().inv_cdf(level) * spread
    if change - reach >= -margin:
        return "pass"
    return "regress" if change + reach < -margin else "insufficient"


def paired_change(lost: int, gained: int, total: int) -> tuple[float, float]:
    """The change of the share and its standard error."""
    change = (gained - lost) / (total + 2)
    variance = (gained + lost + 1) - (gained - lost) ** 2 / (total + 2)
    return change, math.sqrt(max(variance, 0.0)) / (total + 2)


def worst(*verdicts: Verdict) -> Verdict:
    """One that fails outweighs one that is not shown, and that one those that pass."""
    return "regress" if "regress" in verdicts else "insufficient" if "insufficient" in verdicts else "pass"


def _wilson(right: int, total: int, level: float, side: float) -> float:
    if total <= 0:
        return 0.0 if side < 0 else 1.0
    z, share = NormalDist().inv_cdf(level), right / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return min(max((middle + side * half) / (1 + z * z / total), 0.0), 1.0)
