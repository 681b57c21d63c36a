"""`make coldstart`: fresh processes, twenty of each class, against their budgets. Prints the verdict and what broke it.

Ends with 0 pass, 1 regress, 2 insufficient, 3 infra. `--small` is what the tests run: only everyday starts have their
window, and the generated model is smaller.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.coldstart import budgets, gate, prefix, report
from tests.coldstart.judging import worst
from tests.coldstart.processes import ROOT, Place, StartFailedError
from tests.coldstart.profiles import CLASSES

ENDS = {"pass": 0, "regress": 1, "insufficient": 2, "infra": 3}
RUNS_MAX = 200
SHAPE, SMALL_SHAPE = "llama-0.5b", "llama-0.1b"


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.coldstart", description=__doc__)
    asked.add_argument("--small", action="store_true", help="lighter processes, the same judgement")
    asked.add_argument("--runs", type=_runs, default=20, help=f"starts of each class, 1 to {RUNS_MAX}")
    asked.add_argument("--classes", nargs="*", choices=CLASSES, default=CLASSES)
    asked.add_argument("--no-windows", action="store_true", help="start everything but the window")
    asked.add_argument("--no-prefix", action="store_true", help="leave the long prefix out")
    asked.add_argument("--tree", type=Path, default=ROOT, help="the sources to measure")
    asked.add_argument("--json", type=Path, help="write the whole document there")
    options = asked.parse_args()
    windows = () if options.no_windows else ("warm_disk",) if options.small else options.classes
    plan = gate.Plan(options.classes, [kind for kind in options.classes if kind in windows], options.runs)
    agreed = budgets.read()
    shape = SMALL_SHAPE if options.small else SHAPE
    try:
        with tempfile.TemporaryDirectory(prefix="coldstart-") as folder:
            place = Place.copied(options.tree.resolve(), Path(folder))
            outcome = gate.conclude(gate.gather(place, plan), plan, agreed)
            found = None if options.no_prefix else prefix.measure(place, shape, plan.runs)
    except (StartFailedError, OSError) as error:
        print(f"cold start: infra\n  a process could not be measured: {error}")
        return ENDS["infra"]
    if found:
        whole, parts, troubles = prefix.conclude(found, agreed)
        broken = [part.verdict for part in parts if part.verdict == "regress"]
        verdict = worst([outcome.verdict, whole.verdict, *broken, *(verdict for verdict, _ in troubles)])
        outcome = replace(
            outcome, verdict=verdict, judged=(*outcome.judged, whole, *parts), troubles=(*outcome.troubles, *troubles)
        )
    print("\n".join(report.lines(outcome, found)))
    try:
        if options.json:
            options.json.write_text(json.dumps(report.document(outcome, found)), "utf-8")
    except OSError as error:
        print(f"cold start: infra\n  the document could not be written: {error}")
        return ENDS["infra"]
    return ENDS[outcome.verdict]


def _runs(text: str) -> int:
    """argparse ends with 2 where this raises."""
    if not text.isdecimal() or not 1 <= int(text) <= RUNS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {RUNS_MAX}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
