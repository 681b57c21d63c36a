"""`make eval-offline`: the suite with a network and without one, the starter's exam included, and the gate.

Where Linux allows it, being away is a network with loopback and nothing else, and every address that a process asks for
is written down; elsewhere the network is denied inside the process, as `carryon evals offline` does.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from agent.errors import BrokenError
from agent.evals import cases, gate
from app.cli.evals import report
from app.cli.evals_running import Asked, Away, run
from app.cli.opening import command
from tests.offline import netns
from tests.offline.test_offline import ROOT, WATCHED, Told, _lines
from tests.tiny_gguf import write_tiny_gguf


def namespace(folder: Path) -> Away:
    """A network of its own, watched; or what stands in for it, and why."""
    if why := netns.why_not():
        return Away(f"{Away().about} ({why})")
    shutil.copy(WATCHED, folder)
    environ = {"PYTHONPATH": f"{folder}:{ROOT}"}
    return Away("a network namespace with loopback alone", partial(_inside, folder), environ, partial(_spoke, folder))


def _inside(folder: Path, words: Sequence[str]) -> list[str]:
    return netns.command("none", folder, *words)


def _spoke(folder: Path) -> tuple[str, ...]:
    told = Told(_lines(folder / "sockets.jsonl"), [], [], [], "")
    began = [str(line["where"]) for line in told.sockets if line["event"] == "began"]
    if not all(any(part in words for words in began) for part in ("app.cli", "models.worker")):
        raise BrokenError("Nobody watched whom the processes spoke to.", str(folder), "Please report this.")
    return tuple(f"{line['event']} {line['where']}" for line in told.beyond)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evals", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few cases of each kind, one part of the exam")
    parser.add_argument("--no-exam", action="store_true", help="without the starter's exam")
    parser.add_argument("--cases", type=Path, default=cases.FILE)
    parser.add_argument("--budgets", type=Path, default=gate.FILE)
    parser.add_argument("--out", type=Path, default=Path("build/evals-offline.json"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    play(args, as_json=args.json)


@command  # what broke ends with 3 and words, and is never taken for a red gate
def play(args: argparse.Namespace, *, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="carryon-evals-") as made:
        folder = Path(made)
        model = write_tiny_gguf(folder / "tiny.gguf")
        asked = Asked(args.cases, quick=args.quick, exam=not args.no_exam, model=model, away=namespace(folder))
        board = run(asked)
    report(board, gate.read(args.budgets), args.out, quick=args.quick, as_json=as_json)


if __name__ == "__main__":
    main()
