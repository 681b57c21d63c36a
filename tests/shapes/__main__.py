"""`python -m tests.shapes OUT --shape llama-0.5b --type Q4_0`: write one, say what it is."""

import argparse
import time
from pathlib import Path

from tests.shapes import QUANTISATIONS, SHAPES, parameters, write_shape


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.shapes", description=__doc__)
    asked.add_argument("out", type=Path, nargs="?", help="the file to write; left out: the shapes are listed")
    asked.add_argument("--shape", choices=SHAPES, default="llama-0.5b")
    asked.add_argument("--type", choices=QUANTISATIONS, default="Q4_0")
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    if options.out is None:
        for name, shape in SHAPES.items():
            print(f"{name:<14}{parameters(shape) / 1e6:>9,.1f} M  {shape.family}")
        return
    started = time.perf_counter()
    path = write_shape(options.out, options.shape, options.type, seed=options.seed)
    seconds = time.perf_counter() - started
    numbers = parameters(SHAPES[options.shape]) / 1e6
    print(f"{path}: {options.shape}, {numbers:,.1f} M, {path.stat().st_size / 1e6:,.1f} MB, made in {seconds:.1f} s")


if __name__ == "__main__":
    main()
