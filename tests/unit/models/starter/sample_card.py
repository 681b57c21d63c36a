"""A card as `models.distill` writes it, with made figures: every floor of the contract is met, with room."""

from typing import Any

from models.starter.card import Card, card_of
from models.starter.contract import Contract

CASES_TIMES = 6  # as many cases as a floor asks for, so that shares are shown


def plain_card(contract: Contract, *, short: tuple[str, ...] = (), few: tuple[str, ...] = ()) -> dict[str, Any]:
    """`short`: capabilities that fall far below their floor; `few`: that have too few cases to tell."""
    rows = []
    for capability in contract.held:
        assert capability.floor
        n = 3 if capability.name in few else capability.floor.cases * CASES_TIMES
        share = 0.05 if capability.name in short else 0.97
        right = round(n * share)
        rows.append({
            "name": capability.name, "n": n, "exact": round(right / n, 4), "outcome": round(right / n, 4),
            "exact_interval": [round(max(0.0, right / n - 0.04), 4), round(min(1.0, right / n + 0.02), 4)],
            "outcome_interval": [round(max(0.0, right / n - 0.04), 4), round(min(1.0, right / n + 0.02), 4)],
            **({"false_n": 400, "false_share": 0.01} if capability.floor.false_most else {}),
        })  # fmt: skip
    return {
        "name": "starter", "file": "starter.gguf", "sha256": "ab" * 32, "bytes": 8_000_000, "licence": "Apache-2.0",
        "teacher": None, "quantisation": "Q8_0", "measured_on": "Linux x86_64, two threads",
        "capabilities": rows,
        "reliability": [
            {"low": 0.1 * at, "high": 0.1 * (at + 1), "n": 12 * at + 5, "said": 0.1 * at + 0.05,
             "right": min(1.0, 0.1 * at + 0.02 + 0.004 * at)} for at in range(1, 10)
        ],
        "thresholds": {"act_at": 0.5, "act_outside_at": 0.667},
        "costs": {"wrong_here": 2.0, "wrong_outside": 3.0},
        "floors": {"median_ms": 14.0, "memory_bytes": 62_000_000, "wrong_action": 0.021},
    }  # fmt: skip


def sample(contract: Contract, **changes: tuple[str, ...]) -> Card:
    return card_of(plain_card(contract, **changes))
