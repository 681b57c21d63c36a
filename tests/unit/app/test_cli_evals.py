"""`carryon evals offline`: what it prints and how it ends; a run that breaks is no verdict."""

import json
from pathlib import Path

import pytest

from agent.errors import BrokenError
from agent.evals.gate import Budget
from agent.evals.scoreboard import Board, Missed, Row, Side
from app.cli.evals import report
from app.cli.evals_running import Away, _child

BUDGETS = {"kept here": Budget(cases_min=2, floor=1.0, fewer_max=0, answer_ms=1000)}
RED = Board(
    "a plane", (Row("kept here", Side(2, 2, 4.0), Side(1, 2, 5.5), ("task",)),),
    (Missed("task", "offline", ("step 1, away: state is 'failed', wanted: 'done'",)),), ("chat-model",),
)  # fmt: skip
GREEN = Board("a plane", (Row("kept here", Side(2, 2), Side(2, 2)),), ())


def reported(board: Board, out: Path, *, as_json: bool = False) -> object:
    with pytest.raises(SystemExit) as ended:
        report(board, BUDGETS, out, quick=False, as_json=as_json)
    return ended.value.code


def test_a_person_reads_the_table_what_was_missed_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(RED, tmp_path / "deep" / "figures.json") == 1
    said = capsys.readouterr().out
    for words in ("Without a network: a plane.", "2/2", "1/2", "5.5 ms", "offline: task", "wanted: 'done'",
                  "Not played: chat-model", "1 fewer than with one", "regress; figures:"):  # fmt: skip
        assert words in said


def test_the_figures_are_written_and_are_what_scripts_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    assert reported(GREEN, out, as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert json.loads(out.read_text()) == document
    assert document["verdict"] == "pass"
    assert document["rows"][0]["offline"]["n"] == 2


@pytest.mark.parametrize(
    ("words", "away"),
    [(["-c", "raise SystemExit('out of luck')"], None), (["-c", "pass"], Away(wrap=lambda _: ["/no/such/program"]))],
)
def test_a_child_that_breaks_is_the_machinerys_failure(words: list[str], away: Away | None) -> None:
    with pytest.raises(BrokenError, match="could not be played"):
        _child(words, 30, away)


def test_the_users_own_environment_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is offline by accident in the half with a network, and no tone of theirs is tested."""
    monkeypatch.setenv("CARRYON_OFFLINE", "1")
    monkeypatch.setenv("AGENTRC_TONE", "terse")
    asks = ["-c", "import os; print([os.environ.get(name) for name in ('CARRYON_OFFLINE', 'AGENTRC_TONE')])"]
    assert _child(asks, 30) == "[None, None]\n"
    assert _child(asks, 30, Away()) == "['1', None]\n"
