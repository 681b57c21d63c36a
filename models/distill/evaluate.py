"""Runs the committed weights over labelled requests and prints exact calls, outcomes, and where they went wrong.

A row is {"text", "tool", "args"} or, for several calls, {"text", "calls": [{"tool", "args"}, ...]}.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.distill.runner import Runner
from models.distill.score import Call, made, same, same_outcome
from models.starter.pointing import Decision

HELD_OUT = Path(__file__).parent / "data" / "held_out.jsonl"


@dataclass(frozen=True, slots=True)
class Judged:
    text: str
    wanted: tuple[Call, ...]
    got: tuple[Call, ...]
    decision: Decision
    ms: float

    @property
    def exact(self) -> bool:
        return same(self.got, self.wanted)

    @property
    def outcome(self) -> bool:
        return same_outcome(self.got, self.wanted)

    @property
    def acted_wrongly(self) -> bool:
        """A call was made, and it was not the one asked for."""
        return self.decision.outcome == "called" and not self.exact


def read(file: Path) -> list[tuple[str, tuple[Call, ...]]]:
    rows: Iterable[dict[str, Any]] = map(json.loads, file.read_text("utf-8").splitlines())
    return [(row["text"], tuple(Call(c["tool"], c["args"]) for c in row.get("calls", [row]))) for row in rows]


def judge(runner: Runner, file: Path) -> list[Judged]:
    judged = []
    for text, wanted in read(file):
        started = time.perf_counter()
        decision = runner.decide(text)
        judged.append(Judged(text, wanted, tuple(made(decision)), decision, (time.perf_counter() - started) * 1000))
    return judged


def interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return middle - half, middle + half


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    total = len(judged)
    exact, outcome = sum(j.exact for j in judged), sum(j.outcome for j in judged)
    by_tool: dict[str, list[Judged]] = {}
    for j in judged:
        by_tool.setdefault("+".join(call.tool for call in j.wanted), []).append(j)
    return {
        "n": total,
        "exact": round(exact / total, 4),
        "exact_interval": [round(edge, 4) for edge in interval(exact, total)],
        "outcome": round(outcome / total, 4),
        "outcome_interval": [round(edge, 4) for edge in interval(outcome, total)],
        "acted_wrongly": round(sum(j.acted_wrongly for j in judged) / total, 4),
        "asked_back": round(sum(j.decision.outcome == "clarify" for j in judged) / total, 4),
        "median_ms": round(statistics.median(j.ms for j in judged), 1),
        "by_outcome": {
            name: {"n": len(rows), "exact": sum(j.exact for j in rows), "outcome": sum(j.outcome for j in rows)}
            for name, rows in sorted(by_tool.items())
        },
    }


def evaluate(gguf: Path, data: Path | None, *, errors: bool = False) -> dict[str, Any]:
    runner = Runner(gguf)
    judged = judge(runner, data or HELD_OUT)
    runner.close()
    found = summary(judged)
    if errors:
        for j in judged:
            if not j.exact:
                print(f"{j.decision.confidence:.2f} {j.text!r}\n     wanted {_told(j.wanted)}\n     got    "
                      f"{_told(j.got)} {[(c.tool, c.args) for c in j.decision.guess]}")  # fmt: skip
    confused = Counter((_names(j.wanted), _names(j.got)) for j in judged if not j.outcome)
    print(json.dumps(found | {"confused": [f"{a} -> {b}: {n}" for (a, b), n in confused.most_common(12)]}, indent=1))
    return found


def _names(calls: Sequence[Call]) -> str:
    return "+".join(call.tool for call in calls)


def _told(calls: Sequence[Call]) -> str:
    return "; ".join(f"{call.tool} {dict(call.args)}" for call in calls)
