"""A run that broke a law, made shorter: steps are left out for as long as the same law breaks. What is left is written
out with the command that repeats it."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.sim.discrete.simulation import Outcome

TRIES_MAX = 400
SECONDS_MAX = 60.0

Again = Callable[[Sequence[int]], Outcome]


def shrink(steps: Sequence[int], law: str, again: Again) -> tuple[list[int], Outcome]:
    """Halves, quarters, ... of the steps are left out in turn (delta debugging), within a bound of tries and time."""
    kept, until, tries = list(steps), time.monotonic() + SECONDS_MAX, 0
    best = again(kept)
    size = max(len(kept) // 2, 1)
    while tries < TRIES_MAX and time.monotonic() < until:
        start, shorter = 0, False
        while start < len(kept) and tries < TRIES_MAX and time.monotonic() < until:
            without = kept[:start] + kept[start + size :]
            outcome = again(without)
            tries += 1
            if outcome.broken and outcome.broken.law == law:
                kept, best, shorter = without, outcome, True
            else:
                start += size
        if size == 1 and not shorter:
            break
        size = max(size // 2, 1)
    return kept, best


def command(seed: int, steps: Sequence[int], *, whole: bool) -> str:
    """What a person types to see it again."""
    which = f"--steps {len(steps)}" if whole else f"--only {','.join(map(str, steps))}"
    return f'make soak ARGS="--world {seed} {which}"'


def report(outcome: Outcome, steps: Sequence[int], again: Again) -> str:
    """In words, with the shrunk trace in a file of its own."""
    assert outcome.broken is not None
    few, best = shrink(list(steps)[: outcome.steps + 1], outcome.broken.law, again)
    path = Path(tempfile.gettempdir()) / f"carryon-world-{outcome.seed}.txt"
    repeat = command(outcome.seed, few, whole=False)
    path.write_text("\n".join([str(best.broken), repeat, "", *best.trace, "", "The whole run:", *outcome.trace]))
    return "\n".join([
        f"world {outcome.seed}, step {outcome.steps}: {outcome.broken}",
        f"again: {command(outcome.seed, steps, whole=True)}",
        f"shrunk to {len(few)} steps: {best.broken}",
        f"again: {repeat}",
        f"trace: {path}",
        *best.trace[-40:],
    ])  # fmt: skip
