"""A whole run: destinations served here, each phase of each condition in a process of its own, a board of what came."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import BrokenError
from agent.evals import cases as suites
from agent.evals import scene
from agent.evals.cases import CONDITIONS, PHASES, Case, Condition, Phase
from agent.evals.places import served
from agent.evals.playing import Played
from agent.evals.scoreboard import Board, Row, Side, missed, rows
from app.cli.evals_playing import PLAYED

PHASE_S, EXAM_S = 600, 1_200  # a run that takes longer is broken
SPOKE_MAX = 20  # addresses that are told
SETTINGS = ("CARRYON_OFFLINE", "AGENTRC_")  # of the user's own environment: none of them counts for a case
QUICK_EXAM = ("known_names",)
EXAM_FOLDER = Path(suites.__file__).parents[2] / "models" / "distill" / "data" / "held_out"
Wrap = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Away:
    """How a child has no network. `wrap` puts a command into a network of its own; without it the child is denied
    every address from within, and told so by CARRYON_OFFLINE=1. `spoke`: whom it addressed all the same."""

    about: str = "CARRYON_OFFLINE=1, and every address refused inside the process"
    wrap: Wrap | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    spoke: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True)
class Asked:
    suite: Path = suites.FILE
    quick: bool = False
    exam: bool = False
    model: Path | None = None
    away: Away = field(default_factory=Away)


def run(asked: Asked) -> Board:
    cases = [case for case in suites.read(asked.suite) if case.quick or not asked.quick]
    playable = [case for case in cases if case.needs != "model" or asked.model]
    with tempfile.TemporaryDirectory(prefix="carryon-evals-") as folder:
        journeys = {condition: _journeys(asked, playable, condition, Path(folder)) for condition in CONDITIONS}
    return Board(
        asked.away.about, (*rows(playable, journeys), *(_exam(asked) if asked.exam else ())), missed(journeys),
        tuple(case.id for case in cases if case not in playable), asked.away.spoke()[:SPOKE_MAX],
    )  # fmt: skip


def _journeys(asked: Asked, cases: Sequence[Case], condition: Condition, folder: Path) -> dict[str, Played]:
    here = folder / condition
    here.mkdir()
    model = str(asked.model.absolute()) if asked.model else ""
    with served(here, model) as addresses:
        plan = here / "plan.json"
        told = {"suite": str(asked.suite.absolute()), "cases": [case.id for case in cases],
                "addresses": scene.plain(addresses)}  # fmt: skip
        plan.write_text(json.dumps(told), "utf-8")
        for phase in PHASES:
            _phase(asked.away, plan, phase, condition)
    return {case.id: Played(**json.loads((here / case.id / PLAYED).read_text("utf-8"))) for case in cases}


def _phase(away: Away, plan: Path, phase: Phase, condition: Condition) -> None:
    words = ["-m", "app.cli", "evals", "play", str(plan), phase, condition]
    if condition == "offline" and phase == "away":
        denied = [] if away.wrap else ["--denied"]
        _child([*words, *denied], PHASE_S, away)
    else:
        _child(words, PHASE_S)


def _exam(asked: Asked) -> tuple[Row, ...]:
    """The starter's exam in both conditions, a row for each of its files."""
    files = [str(EXAM_FOLDER / f"{name}.jsonl") for name in QUICK_EXAM] if asked.quick else []
    words = ["-m", "models.distill", "evaluate", "--json", *(["--data", *files] if files else [])]
    online, offline = json.loads(_child(words, EXAM_S)), json.loads(_child(words, EXAM_S, asked.away))
    return tuple(Row(f"exam {name}", _side(online[name]), _side(offline[name])) for name in online)


def _side(summary: Mapping[str, Any]) -> Side:
    return Side(round(summary["exact"] * summary["n"]), summary["n"], summary["median_ms"])


def _child(words: Sequence[str], seconds: float, away: Away | None = None) -> str:
    """What it printed. Without `away` it has the network that this process has."""
    program = [sys.executable, *words]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    if away:
        program = away.wrap(program) if away.wrap else program
        environ |= {**away.environ, **({} if away.wrap else {"CARRYON_OFFLINE": "1"})}
    try:
        done = subprocess.run(
            program, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokenError(f"The cases could not be played: {error}.", " ".join(words)) from error
    if done.returncode:
        raise BrokenError("The cases could not be played.", " ".join(words), done.stderr.strip()[-1_000:])
    return done.stdout
