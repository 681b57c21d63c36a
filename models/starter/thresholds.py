"""How sure the model must be before Carryon acts, chosen on held-out requests (see card.json, "thresholds").

Confidence is the least certain step of an answer: one doubtful border spoils a call as much as a doubtful tool.
"""

from __future__ import annotations

from collections.abc import Sequence

ACT_AT = 0.5  # a call that stays on this machine
ACT_OUTSIDE_AT = 0.6  # a call whose effect leaves it: e-mail, message, issue


def confidence_of(answer: Sequence[str], probabilities: Sequence[float]) -> float:
    if len(answer) != len(probabilities):
        raise ValueError(f"{len(answer)} tokens but {len(probabilities)} probabilities; give one for each token")
    return min(probabilities)


def is_sure(confidence: float, *, outside: bool) -> bool:
    return confidence >= (ACT_OUTSIDE_AT if outside else ACT_AT)
