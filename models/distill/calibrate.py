"""What the model's certainty is worth: how often answers were right, by their least certain step.

Half of the exam (every other row) sets the curves of models/starter/calibration.json; the other half is for the
reliability table of the card, so that it tells of requests the curves have not seen. The curves rise by construction:
isotonic regression, by pooling neighbours that break the order (Barlow et al. 1972).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.distill.evaluate import interval
from models.distill.exam import FOLDER, Judged, Question, read
from models.distill.runner import Runner
from models.starter import Pointing, Situation
from models.starter.thresholds import calibrated, least_choice

KNOTS = 40  # about equally many answers between each two
BINS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.98), (0.98, 1.0001))


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as the model would give it if it always acted: its doubts, and whether it was right."""

    choice: float
    least: float
    outcome: bool
    exact: bool


def seen(runner: Runner, questions: Iterable[Question]) -> list[Seen]:
    """Of requests without cards of tools."""
    return [_seen(runner, question) for question in questions if not question.request.tools]


def _seen(runner: Runner, question: Question) -> Seen:
    asked = question.request
    pointing = Pointing(asked.text, Situation(asked.after, asked.asked, asked.known))
    answer = runner.answer(pointing)
    judged = Judged(question, pointing.decision(answer.tokens, [1.0] * len(answer.tokens)))
    choice, least = least_choice(answer.tokens, answer.probabilities), min(answer.probabilities)
    return Seen(choice, least, judged.outcome, judged.exact)


def halves(files: Iterable[Path] = ()) -> tuple[list[Question], list[Question]]:
    questions = [question for file in files or sorted(FOLDER.glob("*.jsonl")) for question in read(file)]
    return questions[::2], questions[1::2]


def calibrate(gguf: Path, out: Path) -> dict[str, Any]:
    """Writes the curves to `out`."""
    answers = seen(Runner(gguf), halves()[0])
    made = {
        "outcome": curve([(one.choice, one.outcome) for one in answers]),
        "exact": curve([(one.least, one.exact) for one in answers]),
        "n": len(answers),
    }
    out.write_text(json.dumps(made) + "\n", "utf-8")
    return made


def curve(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """(probability, share that was right) at KNOTS places, rising; never quite 0 or 1."""
    ordered = sorted(pairs)
    size = max(1, len(ordered) // KNOTS)
    groups = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    pools: list[list[float]] = []  # mean probability, right, all
    for group in groups:
        pools.append([sum(raw for raw, _ in group) / len(group), sum(right for _, right in group), len(group)])
        while len(pools) > 1 and _share(pools[-2]) >= _share(pools[-1]):
            later, earlier = pools.pop(), pools.pop()
            total = earlier[2] + later[2]
            pools.append([(earlier[0] * earlier[2] + later[0] * later[2]) / total, earlier[1] + later[1], total])
    return [(round(pool[0], 4), round(_share(pool), 4)) for pool in pools]


def _share(pool: Sequence[float]) -> float:
    """With one imagined right and one wrong answer, so that a few lucky ones do not say "always"."""
    return (pool[1] + 1) / (pool[2] + 2)


def reliability(answers: Sequence[Seen]) -> list[dict[str, Any]]:
    """For the card: what was said, and what came true."""
    table = []
    for low, high in BINS:
        inside = [one for one in answers if low <= calibrated("exact", one.least) < high]
        if inside:
            right = sum(one.exact for one in inside)
            said = sum(calibrated("exact", one.least) for one in inside) / len(inside)
            edges = [round(edge, 4) for edge in interval(right, len(inside))]
            table.append({"low": low, "high": min(high, 1.0), "n": len(inside), "said": round(said, 4),
                          "right": round(right / len(inside), 4), "interval": edges})  # fmt: skip
    return table


def expected_error(table: Sequence[dict[str, Any]]) -> float:
    """Mean distance between what was said and what came true, weighted by how often (ECE)."""
    total = sum(row["n"] for row in table)
    return round(sum(row["n"] * abs(row["said"] - row["right"]) for row in table) / total, 4) if total else 0.0
