"""How sure the model must be before Carryon acts.

An answer has two doubts: whether this is what is to be done (the least certain of its tools and arguments), and whether
the words are cut right (the least certain of all its steps). What each is worth was measured on held-out requests:
`calibration.json` holds, for some probabilities, how often such answers were right. The thresholds follow from what a
mistake costs beside a question.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from models.starter.borders import is_number

# In questions: a wrong deed here is as bad as so many needless questions. What leaves the machine cannot be undone.
WRONG_HERE, WRONG_OUTSIDE = 2.0, 3.0
ACT_AT = 1 - 1 / WRONG_HERE  # a call that stays on this machine: act when it is the right one at least so often
ACT_OUTSIDE_AT = 1 - 1 / WRONG_OUTSIDE  # a call whose effect leaves it: e-mail, message, issue
WORDS_AT = 0.25  # that its words are cut right; the card shows them, and they can be changed
FITS_AT = 0.9  # that a tool known by its card alone is meant, where the model found nothing of its own to do
FITS_INSTEAD_AT = 0.95  # the same, where what it found is in doubt
DOUBT_AT = 0.95
RUNNER_UP_AT = 0.15  # a second reading that is told to the user

Doubt = Literal["outcome", "exact"]

_FILE = Path(__file__).with_name("calibration.json")


def confidence_of(answer: Sequence[str], probabilities: Sequence[float]) -> float:
    """The chance that the whole answer is right, every word of it."""
    if len(answer) != len(probabilities):
        raise ValueError(f"{len(answer)} tokens but {len(probabilities)} probabilities; give one for each token")
    return calibrated("exact", min(probabilities))


def is_sure(answer: Sequence[str], probabilities: Sequence[float], *, outside: bool) -> bool:
    choice = calibrated("outcome", least_choice(answer, probabilities))
    return choice >= (ACT_OUTSIDE_AT if outside else ACT_AT) and confidence_of(answer, probabilities) >= WORDS_AT


def least_choice(answer: Sequence[str], probabilities: Sequence[float]) -> float:
    """The least certain step that is not a number: which tool, which arguments, no more calls."""
    return min(chance for token, chance in zip(answer, probabilities, strict=True) if not is_number(token))


def runner_up_counts(probability: float) -> bool:
    return probability >= RUNNER_UP_AT


def calibrated(doubt: Doubt, least: float) -> float:
    """How often answers with this least certain step were right; between two measured points a straight line."""
    knots = ((0.0, 0.0), *_knots()[doubt])
    at = max(1, bisect_left(knots, (least, 0.0)))
    if at == len(knots):
        return knots[-1][1]
    (low, worth_low), (high, worth_high) = knots[at - 1], knots[at]
    return worth_low + (worth_high - worth_low) * (least - low) / (high - low)


@cache
def _knots() -> dict[str, tuple[tuple[float, float], ...]]:
    table = json.loads(_FILE.read_text("utf-8"))
    return {doubt: tuple((float(raw), float(worth)) for raw, worth in table[doubt]) for doubt in ("outcome", "exact")}
