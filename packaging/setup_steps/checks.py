"""Every check in one order, quick ones first and pytest last, with a summary that fits a screen."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from setup_steps.places import Places
from setup_steps.talk import Talk, minutes


@dataclass(frozen=True, slots=True)
class Check:
    """`name` as the summary shows it, the module that is run with its arguments, and how to mend what it finds."""

    name: str
    argv: tuple[str, ...]
    mend: str


@dataclass(frozen=True, slots=True)
class Verdict:
    check: Check
    passed: bool
    seconds: float


AT_ONCE_MAX = 2
FLOORS = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
QUICK: tuple[Check, ...] = (
    Check("format", ("-m", "ruff", "format", "--check", "."), "run: .venv/bin/ruff format ."),
    Check("lint", ("-m", "ruff", "check", "."), "see above; some are mended by: .venv/bin/ruff check --fix ."),
    Check("types", ("-m", "mypy"), "see above"),
    Check(
        "set-up", ("-m", "mypy", "--strict", "--config-file=", "packaging/setup_steps"), "types of set-up, see above"
    ),
    Check("floors", ("-c", FLOORS), "see above; the contracts and their reasons are in pyproject.toml"),
)


def run_quick(places: Places, talk: Talk) -> tuple[Verdict, ...]:
    """Runs all of them, also after one has failed; a failing one shows what it said."""
    verdicts = tuple(run_check(check, places, talk) for check in QUICK)
    talk.line(summary(verdicts))
    return verdicts


def run_check(check: Check, places: Places, talk: Talk) -> Verdict:
    started = time.monotonic()
    done = subprocess.run(
        [str(places.python), *check.argv], cwd=places.root, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    passed = done.returncode == 0
    if not passed:
        talk.line(f"── {check.name} " + "─" * (70 - len(check.name)))
        talk.line((done.stdout + done.stderr).rstrip())
    return Verdict(check, passed, time.monotonic() - started)


def run_pytest(places: Places, arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Runs the tests with their output on standard output; its closing line is the last that a good run prints.

    Windows are drawn off-screen unless QT_QPA_PLATFORM says otherwise: a test must not depend on who has the focus.
    """
    environment = {"QT_QPA_PLATFORM": "offscreen", **environ}
    argv = [str(places.python), "-m", "pytest", *(arguments or side_by_side())]
    return subprocess.run(argv, cwd=places.root, stdin=subprocess.DEVNULL, env=environment, check=False).returncode


def side_by_side(cores: int | None = os.cpu_count()) -> tuple[str, ...]:
    """How the whole suite is run: many tests wait for processes, so two halves take half the time. No more than two,
    because each half may hold some GB, and its workers and servers want a core, too."""
    return ("-n", str(AT_ONCE_MAX)) if (cores or 1) >= AT_ONCE_MAX else ()


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line a check: passed or failed, how long, and how to mend it."""
    lines = ["", "Checks"]
    for verdict in verdicts:
        word = "passed" if verdict.passed else "FAILED"
        mend = "" if verdict.passed else f"  ({verdict.check.mend})"
        lines.append(f"  {verdict.check.name:<8} {word}  {minutes(verdict.seconds):>7}{mend}")
    return "\n".join([*lines, ""])


def names_of_failed(verdicts: Sequence[Verdict]) -> str:
    return ", ".join(verdict.check.name for verdict in verdicts if not verdict.passed)
