"""What may not get worse without a network: the budgets, and the verdict of a board under them.

A stratum that nobody gave a budget is an error, not a pass; one with too few cases is *insufficient*, not a pass.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from agent.evals.errors import BudgetsBadError
from agent.evals.scoreboard import Board, Row
from models.starter.shares import Verdict, worst

FILE = Path(__file__).parent / "budgets.toml"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one stratum, without a network: at least so many cases and this share of them, at most so many fewer than with
    one, and an answer in the middle within so many milliseconds."""

    cases_min: int
    floor: float
    fewer_max: int
    answer_ms: float


@dataclass(frozen=True, slots=True)
class Finding:
    stratum: str
    verdict: Verdict
    why: str


def read(file: Path = FILE) -> dict[str, Budget]:
    names = {field.name for field in fields(Budget)}
    try:
        written = tomllib.loads(file.read_text("utf-8"))
        strata: Mapping[str, Mapping[str, float]] = written["strata"]
        strange = sorted({name for row in strata.values() for name in row} ^ names) if strata else sorted(names)
        if written.get("version") != VERSION or strange:
            raise BudgetsBadError(
                where=str(file), todo=f"Version {VERSION}; each stratum has {', '.join(sorted(names))}."
            )
        return {
            name: Budget(int(row["cases_min"]), float(row["floor"]), int(row["fewer_max"]), float(row["answer_ms"]))
            for name, row in strata.items()
        }  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BudgetsBadError(where=str(file), todo=f"Mend it: {error}.") from error


def judge(board: Board, budgets: Mapping[str, Budget], *, quick: bool = False) -> tuple[Finding, ...]:
    """A finding for each row. `quick`: a part of the suite was played, so that few cases are what was meant."""
    undecided = [row.stratum for row in board.rows if row.stratum not in budgets]
    if undecided:
        raise BudgetsBadError(f"Nobody gave these a budget: {', '.join(undecided)}.", todo="Add them to the budgets.")
    found = tuple(_finding(row, budgets[row.stratum], quick=quick) for row in board.rows)
    spoke = (
        Finding("the network", "regress", f"addressed without one: {', '.join(board.spoke)}") if board.spoke else None
    )
    return (*found, spoke) if spoke else found


def verdict(findings: tuple[Finding, ...]) -> Verdict:
    return worst(*(one.verdict for one in findings)) if findings else "insufficient"


def _finding(row: Row, budget: Budget, *, quick: bool) -> Finding:
    offline = row.offline
    wrong = []
    if offline.share < budget.floor:
        wrong.append(f"{offline.passed} of {offline.n} pass without a network, at least {budget.floor:.0%} must")
    if row.fewer > budget.fewer_max:
        wrong.append(f"{row.fewer} fewer than with one, at most {budget.fewer_max} may be: {', '.join(row.lost)}")
    if offline.answer_ms is not None and offline.answer_ms > budget.answer_ms:
        wrong.append(f"an answer takes {offline.answer_ms:.0f} ms, at most {budget.answer_ms:.0f} it may")
    if wrong and offline.n:
        return Finding(row.stratum, "regress", "; ".join(wrong))
    if not offline.n or (offline.n < budget.cases_min and not quick):
        return Finding(row.stratum, "insufficient", f"{offline.n} cases, at least {budget.cases_min} are wanted")
    return Finding(row.stratum, "pass", "")
