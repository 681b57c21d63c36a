"""The gate bites on each of its lines, and few cases or no budget never pass."""

from pathlib import Path

import pytest

from agent.evals import gate
from agent.evals.cases import read as suite
from agent.evals.errors import BudgetsBadError
from agent.evals.gate import Budget
from agent.evals.playing import Played
from agent.evals.scoreboard import Board, Row, Side, missed, rows
from models.starter.shares import Verdict

BUDGET = {"kept here": Budget(cases_min=5, floor=0.9, fewer_max=0, answer_ms=1000)}


def judged(online: Side, offline: Side, *, quick: bool = False, spoke: tuple[str, ...] = ()) -> Verdict:
    board = Board("", (Row("kept here", online, offline),), (), spoke=spoke)
    return gate.verdict(gate.judge(board, BUDGET, quick=quick))


@pytest.mark.parametrize(
    ("online", "offline", "verdict"),
    [
        (Side(10, 10), Side(10, 10), "pass"),
        (Side(9, 10), Side(9, 10), "pass"),
        (Side(8, 10), Side(8, 10), "regress"),  # under its floor
        (Side(10, 10), Side(9, 10), "regress"),  # one fewer than with a network
        (Side(9, 10), Side(10, 10), "pass"),
        (Side(10, 10, 5.0), Side(10, 10, 1000.5), "regress"),  # too slow
        (Side(10, 10, 5.0), Side(10, 10, 999.0), "pass"),
        (Side(4, 4), Side(4, 4), "insufficient"),
        (Side(4, 4), Side(3, 4), "regress"),
        (Side(0, 0), Side(0, 0), "insufficient"),
    ],
)
def test_each_line_bites(online: Side, offline: Side, verdict: Verdict) -> None:
    assert judged(online, offline) == verdict


def test_a_part_of_the_suite_may_be_small_and_not_empty() -> None:
    assert judged(Side(1, 1), Side(1, 1), quick=True) == "pass"
    assert judged(Side(1, 1), Side(0, 1), quick=True) == "regress"
    assert judged(Side(0, 0), Side(0, 0), quick=True) == "insufficient"


def test_whoever_was_addressed_without_a_network_turns_it_red() -> None:
    assert judged(Side(10, 10), Side(10, 10), spoke=("socket.connect ['192.0.2.1', 80]",)) == "regress"


def test_nothing_played_is_no_pass() -> None:
    assert gate.verdict(gate.judge(Board("", (), ()), BUDGET)) == "insufficient"


def test_a_stratum_that_nobody_decided_about_is_named() -> None:
    with pytest.raises(BudgetsBadError, match="teleport"):
        gate.judge(Board("", (Row("teleport", Side(1, 1), Side(1, 1)),), ()), BUDGET)


@pytest.mark.parametrize(
    "text",
    [
        "version = 2\n[strata]\n",
        "version = 1\n",
        'version = 1\n[strata]\n"a" = { floor = 1.0 }\n',
        'version = 1\n[strata]\n"a" = { cases_min = 1, floor = "all", fewer_max = 0, answer_ms = 1 }\n',
        "version = \n",
    ],
)
def test_budgets_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "budgets.toml"
    file.write_text(text)
    with pytest.raises(BudgetsBadError):
        gate.read(file)


def test_the_board_counts_by_stratum_and_names_what_is_lost() -> None:
    cases = [case for case in suite() if case.stratum == "reckoned"]
    first = cases[0].id
    online = {case.id: Played(case.id, answers_ms=[4.0, 6.0]) for case in cases}
    offline = {case.id: Played(case.id) for case in cases} | {first: Played(first, why=["step 1, away: no"])}
    (row,) = rows(cases, {"online": online, "offline": offline})
    assert (row.online.passed, row.offline.passed, row.fewer, row.lost) == (len(cases), len(cases) - 1, 1, (first,))
    assert (row.online.answer_ms, row.offline.answer_ms) == (5.0, None)
    assert row.offline.interval[0] < row.offline.share < row.offline.interval[1]
    (told,) = missed({"online": online, "offline": offline})
    assert (told.case, told.condition) == (first, "offline")
