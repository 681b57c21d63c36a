"""`carryon evals`: what works on this machine without a network, held against what works with one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from agent.evals import cases as suites
from agent.evals import gate
from agent.evals.cases import PHASES
from agent.evals.scoreboard import Board, Row, Side
from app.cli.measuring import ENDS
from app.cli.opening import command, json_option
from app.cli.printing import plain, show, table
from models.json_file import write_json

file_option = click.Path(path_type=Path, dir_okay=False)


@click.group()
def evals() -> None:
    """Cases that are played and judged, and a gate over them."""


@evals.command("offline")
@click.option("--quick", is_flag=True, help="A few cases of each kind.")
@click.option("--exam", is_flag=True, help="Ask the starter everything that it was never trained on, too.")
@click.option("--model", type=file_option, help="A GGUF for the case of a chat.")
@click.option("--cases", "suite", type=file_option, default=suites.FILE, help="Another suite.")
@click.option("--budgets", type=file_option, default=gate.FILE, help="Other budgets.")
@click.option("--out", type=file_option, help="Write the figures there, not under the profile.")
@json_option
@command
def offline(
    quick: bool, exam: bool, model: Path | None, suite: Path, budgets: Path, out: Path | None, as_json: bool
) -> None:
    """What still works on a plane: the same cases with a network and without one, on profiles of their own.

    Ends with 1 where the gate is red, 2 where too few cases were played."""
    from agent.paths import Paths
    from app.cli.evals_running import Asked, run

    asked = Asked(suite, quick=quick, exam=exam, model=model)
    agreed = gate.read(budgets)
    report(run(asked), agreed, out or Paths.of().make().state / "evals-offline.json", quick=quick, as_json=as_json)


def report(board: Board, budgets: dict[str, gate.Budget], out: Path, *, quick: bool, as_json: bool) -> None:
    """Print the board, write its figures, end with the verdict."""
    findings = gate.judge(board, budgets, quick=quick)
    verdict = gate.verdict(findings)
    document = {
        "network": board.network, "verdict": verdict, "quick": quick, "rows": [_plain(row) for row in board.rows],
        "findings": [one for one in findings if one.verdict != "pass"], "missed": board.missed,
        "skipped": board.skipped, "spoke": board.spoke,
    }  # fmt: skip
    write_json(out, plain(document))
    show(document, as_json=as_json, lines=[*_lines(board, findings), f"{verdict}; figures: {out}"])
    raise SystemExit(ENDS[verdict])


def _plain(row: Row) -> dict[str, Any]:
    return {"stratum": row.stratum, "online": _side(row.online), "offline": _side(row.offline),
            "fewer": row.fewer, "lost": row.lost}  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {"passed": side.passed, "n": side.n, "interval": [round(edge, 4) for edge in side.interval],
            "answer_ms": side.answer_ms}  # fmt: skip


def _lines(board: Board, findings: tuple[gate.Finding, ...]) -> Iterator[str]:
    yield f"Without a network: {board.network}."
    head = ("", "online", "offline", "95 %", "fewer", "answer online", "offline")
    yield from table([head, *map(_cells, board.rows)])
    for one in board.missed:
        yield from (f"{one.condition}: {one.case}", *(f"    {reason}" for reason in one.why))
    if board.skipped:
        yield f"Not played: {', '.join(board.skipped)} (give a GGUF with --model)."
    for finding in findings:
        if finding.verdict != "pass":
            yield f"{finding.verdict}: {finding.stratum}: {finding.why}"


def _cells(row: Row) -> tuple[str, ...]:
    low, high = row.offline.interval
    return (
        row.stratum, f"{row.online.passed}/{row.online.n}", f"{row.offline.passed}/{row.offline.n}",
        f"{low * 100:.0f} to {high * 100:.0f}", str(row.fewer), _took(row.online), _took(row.offline),
    )  # fmt: skip


def _took(side: Side) -> str:
    return "-" if side.answer_ms is None else f"{side.answer_ms:.1f} ms"


@evals.command("play", hidden=True)
@click.argument("plan", type=file_option)
@click.argument("phase", type=click.Choice(PHASES))
@click.argument("condition", type=click.Choice(suites.CONDITIONS))
@click.option("--denied", is_flag=True, help="Deny this process the network.")
@command
def play(plan: Path, phase: suites.Phase, condition: suites.Condition, denied: bool) -> None:
    """One phase of a run, in a process of its own: `carryon evals offline` starts it."""
    from app.cli.evals_playing import play_phase

    play_phase(plan, phase, condition, denied=denied)
