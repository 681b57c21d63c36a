"""The gate of a quantised copy: the same cases answered by parent and copy, held against each other by capability.

A copy passes a capability when it is shown to lose no more than the margin. Averages do not count: a rare capability
that breaks fails the copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ContractBadError
from models.starter.card import Row
from models.starter.contract import Contract, Floor
from models.starter.shares import LEVEL, Verdict, loss_at_most, lower, upper, worst

CASES_MAX = 1_000_000
LINE_CHARACTERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled request as a model answered it, and the capabilities it belongs to."""

    id: str
    capabilities: tuple[str, ...]
    exact: bool
    outcome: bool


@dataclass(frozen=True, slots=True)
class Change:
    """`lost`: right before and wrong now; `gained` the other way round."""

    name: str
    n: int
    before: float
    after: float
    lost: int
    gained: int
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    changes: tuple[Change, ...]

    @property
    def verdict(self) -> Verdict:
        return worst(*(change.verdict for change in self.changes))


def compare(parent: Sequence[Case], copy: Sequence[Case], contract: Contract) -> Comparison:
    """ContractBadError unless both hold the same cases."""
    before, after = ({case.id: case for case in cases} for cases in (parent, copy))
    if before.keys() != after.keys() or len(before) != len(parent) or len(after) != len(copy):
        raise ContractBadError(
            "The two sets do not hold the same cases, each once.", "the cases", "Answer the same exam with both."
        )
    return Comparison(tuple(_change(one.name, one.floor, before, after) for one in contract.held if one.floor))


def _change(name: str, floor: Floor, before: Mapping[str, Case], after: Mapping[str, Case]) -> Change:
    pairs = [(case.exact, after[at].exact) for at, case in before.items() if name in case.capabilities]
    n = len(pairs)
    lost, gained = pairs.count((True, False)), pairs.count((False, True))
    verdict = loss_at_most(lost, gained, n, floor.margin) if n >= floor.cases else "insufficient"
    right = sum(was for was, _ in pairs)
    share = right / n if n else 0.0
    why = f"{lost} lost, {gained} gained of {n}; it may lose {floor.margin:.0%}, and {floor.cases} cases are needed."
    return Change(name, n, share, (right - lost + gained) / n if n else 0.0, lost, gained, verdict, why)


def rows_of(cases: Iterable[Case]) -> tuple[Row, ...]:
    """The rows of a card, of these cases."""
    by_name: dict[str, list[Case]] = {}
    for case in cases:
        for name in case.capabilities:
            by_name.setdefault(name, []).append(case)
    return tuple(_row(name, by_name[name]) for name in sorted(by_name))


def _row(name: str, cases: Sequence[Case]) -> Row:
    n = len(cases)
    exact, outcome = sum(case.exact for case in cases), sum(case.outcome for case in cases)
    two_sided = (1 + LEVEL) / 2
    return Row(
        name, n, exact / n, outcome / n,
        (lower(exact, n, two_sided), upper(exact, n, two_sided)),
        (lower(outcome, n, two_sided), upper(outcome, n, two_sided)),
    )  # fmt: skip


def table(comparison: Comparison) -> str:
    """Markdown, ending in a line feed."""
    lines = [
        f"# Parent and copy: {comparison.verdict}", "",
        "| capability | cases | before | after | lost | gained | |", "|---|---:|---:|---:|---:|---:|---|",
        *(f"| {c.name} | {c.n} | {c.before:.1%} | {c.after:.1%} | {c.lost} | {c.gained} | {c.verdict} |"
          for c in comparison.changes),
    ]  # fmt: skip
    return "\n".join((*lines, ""))


def read(file: Path) -> tuple[Case, ...]:
    """JSON lines {"id", "capabilities", "exact", "outcome"}."""
    cases: list[Case] = []
    try:
        with file.open(encoding="utf-8") as stream:
            while line := stream.readline(LINE_CHARACTERS_MAX + 1):
                if len(line) > LINE_CHARACTERS_MAX or len(cases) >= CASES_MAX:
                    raise ValueError(f"line {len(cases) + 1} is too long, or there are too many")
                if line.strip():
                    cases.append(_case(json.loads(line)))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ContractBadError(
            f"The cases cannot be read: {error}.", str(file),
            'One line a case: {"id": "…", "capabilities": ["typos"], "exact": true, "outcome": true}.',
        ) from error  # fmt: skip
    return tuple(cases)


def _case(plain: Mapping[str, Any]) -> Case:
    names, exact, outcome = plain["capabilities"], plain["exact"], plain["outcome"]
    if not (isinstance(names, list) and isinstance(exact, bool) and isinstance(outcome, bool)):
        raise ValueError(f"in {plain['id']!r}, capabilities is a list of names, exact and outcome are true or false")
    return Case(str(plain["id"]), tuple(map(str, names)), exact, outcome)
