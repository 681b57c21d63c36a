"""Quantising is distilling once more: the copy is held against its parent, capability by capability.

`divergence` is the mean Kullback-Leibler divergence, in nats, of how the copy would begin an answer from how the parent
would.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.distill.capabilities import cases_of
from models.distill.exam import Question, judge
from models.distill.export import export
from models.distill.runner import Runner
from models.starter import Pointing, Situation
from models.starter import contract as contracts
from models.starter.gate import compare, table

PARENT = "F16"


def gate(folder: Path, questions: Sequence[Question], kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Each of `kinds` (Q8_0, Q4_0, …) of what `train` left in `folder`, against its parent."""
    with tempfile.TemporaryDirectory() as place:
        files = {kind: Path(place) / f"{kind}.gguf" for kind in (PARENT, *kinds)}
        for kind, file in files.items():
            export(folder, file, kind)
        parent = Runner(files[PARENT])
        before = judge(parent, questions)
        return [_against(parent, before, Runner(files[kind]), files[kind], questions) for kind in kinds]


def _against(
    parent: Runner, before: Sequence[Any], copy: Runner, file: Path, questions: Sequence[Question]
) -> dict[str, Any]:
    compared = compare(cases_of(before), cases_of(judge(copy, questions)), contracts.read())
    told = [(question, _openings(parent, question), _openings(copy, question)) for question in questions]
    divergences = [divergence(one, other) for _, one, other in told if one]
    return {
        "kind": file.stem, "parent": PARENT, "bytes": file.stat().st_size, "verdict": compared.verdict,
        "divergence": round(math.fsum(divergences) / len(divergences), 6),
        "lost": sum(change.lost for change in compared.changes),
        "gained": sum(change.gained for change in compared.changes),
        "table": table(compared),
    }  # fmt: skip


def _openings(runner: Runner, question: Question) -> Mapping[str, float]:
    asked = question.request
    return runner.answer(Pointing(asked.text, Situation(asked.after, asked.asked, asked.known))).openings


def divergence(parent: Mapping[str, float], copy: Mapping[str, float]) -> float:
    """KL(parent || copy) over the same choices."""
    floor = 1e-12
    return math.fsum(p * math.log(p / max(copy[token], floor)) for token, p in parent.items() if p > floor)
