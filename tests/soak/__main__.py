"""`make soak`: worlds from seeds and real SIGKILLs, for as long as asked; prints the seed, a table, and what broke.

    make soak                                     20,000 kills, then ten minutes of worlds
    make soak ARGS="--minutes 30 --seed 7"        half an hour of worlds
    make soak ARGS="--kills 20000 --minutes 0"    kills alone
    make soak ARGS="--world 12 --only 3,17,40"    one world again, as a failure printed it

Ends with 1 when a law did not hold.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.sim.discrete.shrinking import report
from tests.sim.discrete.simulation import simulate
from tests.sim.lanes import LANES

KILLS = 20_000
STEPS = 400
LATEST_S = 3_600.0  # a lane that takes longer is cut short and says so
ROOT = Path(__file__).parents[2]


def count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be less than 0")
    return number


def minutes(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must not be less than 0")
    return number


def main() -> None:
    asked = argparse.ArgumentParser(
        prog="python -m tests.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked.add_argument("--minutes", type=minutes, default=None, help="how long the worlds go on")
    asked.add_argument("--kills", type=count, default=None, help="real SIGKILLs over all transports and modes")
    asked.add_argument("--at-once", type=int, default=1, help="lanes that are killed at the same time")
    asked.add_argument("--json", type=Path, default=None, help="where to write the figures")
    asked.add_argument("--world", type=int, default=None, help="one world alone")
    asked.add_argument("--steps", type=int, default=STEPS)
    asked.add_argument("--only", default="", help="steps of that world, as a failure printed them")
    options = asked.parse_args()
    if options.world is not None:
        steps = [int(n) for n in options.only.split(",")] if options.only else range(options.steps)
        sys.exit(0 if one_world(options.world, steps, told=True) else 1)
    print(f"seed {options.seed}", flush=True)
    kills = options.kills if options.kills is not None else (KILLS if options.minutes is None else 0)
    long = options.minutes if options.minutes is not None else (0.0 if options.kills is not None else 10.0)
    if not kills and not long:
        asked.error("nothing to do: give --kills or --minutes")
    well = (not kills or killed(options.seed, kills, options.at_once, options.json)) & worlds(options.seed, long)
    sys.exit(0 if well else 1)


def one_world(seed: int, steps: Any, *, told: bool) -> bool:
    outcome = simulate(seed, steps)
    if told:
        print("\n".join(outcome.trace))
    if outcome.broken:
        print(report(outcome, list(steps), lambda few: simulate(seed, few)), flush=True)
    return outcome.broken is None


def worlds(seed: int, minutes: float) -> bool:
    until, number, counts, states, broken = time.monotonic() + minutes * 60, 0, Counter[str](), Counter[str](), 0
    while time.monotonic() < until and broken < 5:
        outcome = simulate(seed + number, range(STEPS))
        number += 1
        counts += outcome.counts
        states += outcome.states
        if outcome.broken:
            broken += 1
            print(report(outcome, range(STEPS), lambda few, n=seed + number - 1: simulate(n, few)), flush=True)
    if number:
        print(f"{number} worlds of {STEPS} steps, {broken} broken; {dict(counts)}; {dict(states)}", flush=True)
    return not broken


def killed(seed: int, kills: int, at_once: int, file: Path | None) -> bool:
    """Each lane in a process of its own. The figures by transport and mode."""
    each = -(-kills // len(LANES))
    waiting, running, found = list(LANES), list[tuple[str, "subprocess.Popen[str]"]](), list[dict[str, Any]]()
    while waiting or running:
        while waiting and len(running) < max(at_once, 1):
            lane = waiting.pop(0)
            words = [sys.executable, "-m", "tests.sim.killing", lane, "--kills", str(each), "--seed", str(seed),
                     "--seconds", str(LATEST_S)]  # fmt: skip
            environ = {
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            }
            running.append((lane, subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ)))
        lane, process = running.pop(0)
        said, _ = process.communicate()
        if process.returncode:
            print(f"{lane}: ended with {process.returncode}", flush=True)
            return False
        found.append(json.loads(said))
        print(f"{lane}: {found[-1]['kills']} kills in {found[-1]['seconds']} s", flush=True)
    print(table(found))
    if file:
        file.write_text(json.dumps(found, indent=1))
    for one in found:
        for fault in one["faults"][:10]:
            print(f"WRONG: {one['lane']}, --seed {seed}: {fault}")
    return not any(one["faults"] or one["twice"] or one["lost"] for one in found)


HEADS = ("items", "kills", "delivered", "unknown", "unknown_arrived", "twice", "lost")


def row(one: dict[str, Any]) -> str:
    transport, _, mode = one["lane"].partition("/")
    return f"| {transport} | {mode} | " + " | ".join(f"{one[name]:,}" for name in HEADS) + " |"


def table(found: list[dict[str, Any]]) -> str:
    """As it goes into a README."""
    whole = {"lane": "all/", **{name: sum(one[name] for one in found) for name in HEADS}}
    heads = "| transport | mode | " + " | ".join(name.replace("unknown_arrived", "of these arrived") for name in HEADS)
    return "\n".join([f"{heads} |", "|---|---|" + "---|" * len(HEADS), *map(row, [*found, whole])])


if __name__ == "__main__":
    main()
