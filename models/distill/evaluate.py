"""Runs weights over the exam and sums up: by outcome, tag, language and length, with intervals.

`python -m models.distill evaluate` prints it; the card holds it.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from models.distill.exam import FOLDER, Judged, judge, read
from models.distill.runner import Runner
from models.distill.score import Call
from models.starter.shares import lower, upper

TWO_SIDED = 0.975  # leaves 2.5 % beyond each end
_LENGTHS = ((1, 3), (4, 7), (8, 14), (15, 25), (26, 10_000))


def interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    return lower(right, total, TWO_SIDED), upper(right, total, TWO_SIDED)


def row(name: str, judged: Sequence[Judged]) -> dict[str, Any]:
    """One line of the report."""
    total = len(judged)
    exact, outcome = sum(j.exact for j in judged), sum(j.outcome for j in judged)

    def share(count: int) -> float:
        return round(count / total, 4) if total else 0.0

    return {
        "name": name, "n": total, "exact": share(exact), "outcome": share(outcome),
        "exact_interval": [round(edge, 4) for edge in interval(exact, total)],
        "outcome_interval": [round(edge, 4) for edge in interval(outcome, total)],
        "wrong_action": share(sum(j.wrong_action for j in judged)),
        "wrong_words": share(sum(j.wrong_words for j in judged)),
        "asked_needlessly": share(sum(j.asked_needlessly for j in judged)),
    }  # fmt: skip


def rows_by(judged: Sequence[Judged], names_of: Callable[[Judged], Iterable[str]]) -> list[dict[str, Any]]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        for name in names_of(one):
            groups.setdefault(name, []).append(one)
    return [row(name, groups[name]) for name in sorted(groups)]


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """Everything that is told of one set."""
    handed = [j for j in judged if j.question.wanted[0].tool == "handoff"]
    kept = [j for j in judged if j.question.wanted[0].tool not in ("handoff", "clarify")]
    confused = Counter((_names(j.question.wanted), _names(j.got)) for j in judged if not j.outcome)
    return {
        **row("all", judged),
        "handoff_recall": _share(j.outcome for j in handed),
        "false_handoff": _share(j.decision.outcome == "handoff" for j in kept),
        "asked_back": _share(j.decision.outcome == "clarify" for j in judged),
        "median_ms": round(statistics.median(j.decision.total_ms for j in judged), 1),
        "by_outcome": rows_by(judged, lambda j: [j.question.outcome]),
        "by_tag": rows_by(judged, lambda j: j.question.tags),
        "by_language": rows_by(judged, lambda j: [j.question.language]),
        "by_length": rows_by(judged, lambda j: [_length(j.question.request.text)]),
        "confused": [f"{wanted} -> {got}: {n}" for (wanted, got), n in confused.most_common(40)],
    }


def evaluate(gguf: Path, files: Sequence[Path] = (), *, errors: bool = False) -> dict[str, dict[str, Any]]:
    """Each file by its name; without files the whole exam."""
    runner = Runner(gguf)
    found = {}
    for file in files or sorted(FOLDER.glob("*.jsonl")):
        judged = judge(runner, read(file))
        found[file.stem] = summary(judged)
        if errors:
            _print_errors(judged)
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as text, one a line."""
    head = f"{'':28}{'n':>5}{'exact':>8}{'95 %':>14}{'outcome':>9}{'wrong':>7}{'words':>7}{'asked':>7}"
    lines = [
        f"{one['name'][:27]:28}{one['n']:5}{one['exact']:8.1%}"
        f"{one['exact_interval'][0]:8.0%} –{one['exact_interval'][1]:4.0%}{one['outcome']:9.1%}"
        f"{one['wrong_action']:7.1%}{one['wrong_words']:7.1%}{one['asked_needlessly']:7.1%}"
        for one in rows
    ]
    return "\n".join([head, *lines])


def _print_errors(judged: Sequence[Judged]) -> None:
    for j in judged:
        if not j.exact:
            told = {"wanted": _told(j.question.wanted), "got": _told(j.got), "meant": _told(j.meant)}
            follow = f" {j.question.follow} -> {j.decision.follow}" if j.question.follow or j.decision.follow else ""
            print(f"{j.decision.confidence:.2f} {j.question.id} {j.question.request.text!r}{follow}\n     "
                  + "\n     ".join(f"{what} {calls}" for what, calls in told.items() if calls))  # fmt: skip


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return round(sum(found) / len(found), 4) if found else 0.0


def _length(text: str) -> str:
    words = len(text.split())
    low, high = next(bounds for bounds in _LENGTHS if words <= bounds[1])
    return f"{low}+ words" if high > 1_000 else f"{low} to {high} words"


def _names(calls: Sequence[Call]) -> str:
    return "+".join(call.tool for call in calls)


def _told(calls: Sequence[Call]) -> str:
    return "; ".join(f"{call.tool} {json.dumps(dict(call.args), ensure_ascii=False)}" for call in calls)
