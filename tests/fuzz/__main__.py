"""`python -m tests.fuzz --count N --seed S`: damage models in every way, see that each ends in words or works.

Prints the seed; the same seed goes on where it was stopped. Ends with 1 when something went wrong, and says how to make
that one mutant again.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.mutations import DAMAGES
from tests.fuzz.running import Run, Tally

OUTCOMES = ("refused by the check", "refused by llama.cpp", "refused when asked", "ended, and said why", "answered")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--count", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked.add_argument("--folder", type=Path, default=None, help="where to keep the journal and what turned out wrong")
    asked.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--make", type=int, default=None, metavar="NUMBER", help="write that one mutant and end")
    options = asked.parse_args()
    folder = options.folder or Path(tempfile.gettempdir()) / f"carryon-fuzz-{options.seed}"
    often = max(1, options.count // 20)
    run = Run(folder, options.seed, options.count, options.at_once, told=lambda done: _progress(done, often))
    if options.make is not None:
        made = run.make(options.make)
        path = folder / f"mutant-{options.seed}-{made.number}.gguf"
        path.write_bytes(made.data)
        print(f"{path}: {made.damage} of {made.origin}")
        return
    print(f"seed {options.seed}, {options.count:,} mutants, in {folder} (the same seed goes on there)", flush=True)
    started = time.monotonic()
    tally = run.go()
    print(table(tally), f"\n{tally.total:,} in {time.monotonic() - started:.0f} s, the slowest {tally.slowest_s:.1f} s")
    for number, damage, words in tally.wrong[:20]:
        print(f"WRONG: {damage}, --seed {options.seed} --make {number}: {words}")
    sys.exit(1 if tally.wrong else 0)


def _progress(done: int, often: int) -> None:
    if done % often == 0:
        print(f"  {done:,} …", flush=True)


def table(tally: Tally) -> str:
    heads = [*OUTCOMES, "WRONG"]
    lines = ["  ".join(["damage".ljust(13), *heads])]
    for damage in (*DAMAGES, "all"):
        counts = [
            sum(n for (its, got), n in tally.outcomes.items() if got == head and damage in (its, "all"))
            for head in heads
        ]
        lines.append("  ".join([damage.ljust(13), *(str(n).rjust(len(h)) for n, h in zip(counts, heads, strict=True))]))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
