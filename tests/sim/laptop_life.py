"""A life of laptops from a seed: hands, files that travel in part, crashes, clocks; in the end all must be one.

python -m tests.sim.laptop_life SECONDS [SEED]
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.props.test_laptops_laws import Laptops, TwoLaptops

STEPS = 70
DAY_S = 86_400
SHARES = {
    "create": 4, "write": 14, "restore": 3, "rename": 4, "tag": 6, "trash": 4, "purge": 2, "add_task": 2,
    "change_task": 3, "event": 2, "skew": 3, "exchange": 12, "carry": 14, "crash": 6, "whole": 1,
}  # fmt: skip


def live(seed: int, count: "Counter[str] | None" = None) -> None:
    """Raises AssertionError with the seed where two laptops differ in the end, or something was lost."""
    chance = random.Random(seed)
    life = (Laptops if seed % 2 else TwoLaptops)()
    life.begin()
    try:
        for name in chance.choices(list(SHARES), list(SHARES.values()), k=STEPS):
            getattr(life, name)(**{key: pick(chance) for key, pick in CHOICES[name].items()})
            if count is not None:
                count[name] += 1
        life.versions_stay()
        life.teardown()
    except BaseException as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def _text(chance: random.Random) -> str:
    return "".join(chance.choice("ab\nä\n") for _ in range(chance.randint(0, 8)))


def _upto(most: int, least: int = 0) -> Callable[[random.Random], int]:
    return lambda chance: chance.randint(least, most)


def _tags(chance: random.Random) -> list[str]:
    return chance.sample(["home", "work", "ä"], chance.randint(0, 3))


def _coin(chance: random.Random) -> bool:
    return chance.random() < 0.5


def _rarely(chance: random.Random) -> bool:
    return chance.random() < 0.2


def _one_of(*values: Any) -> Callable[[random.Random], Any]:
    return lambda chance: chance.choice(values)


WHO, WHICH = _upto(2), _upto(5)
CHOICES: dict[str, dict[str, Callable[[random.Random], Any]]] = {
    "create": {"who": WHO, "text": _text, "binary": _rarely},
    "write": {"who": WHO, "which": WHICH, "text": _text, "back": _upto(2)},
    "restore": {"who": WHO, "which": WHICH, "n": _upto(5, 1)},
    "rename": {"who": WHO, "which": WHICH, "title": _one_of("one", "two", "drei ä")},
    "tag": {"who": WHO, "which": WHICH, "tags": _tags},
    "trash": {"who": WHO, "which": WHICH, "out": _coin},
    "purge": {"who": WHO, "which": WHICH},
    "add_task": {"who": WHO, "due": _upto(3)},
    "change_task": {"who": WHO, "which": WHICH, "due": _upto(3), "done": _coin},
    "event": {"who": WHO, "which": WHICH, "starts": _upto(9)},
    "skew": {"who": WHO, "ahead_s": _one_of(0, 3_600, -3_600, 60, 400 * DAY_S, -400 * DAY_S)},
    "exchange": {"who": WHO},
    "carry": {"who": WHO, "other": WHO, "seed": _upto(99_999)},
    "crash": {"who": WHO, "at": _upto(3, -3), "steps": _one_of(0, 0, 300, 3_000, 20_000)},
    "whole": {"who": WHO},
}  # fmt: skip


def main(seconds: float, seed: int) -> None:
    count: Counter[str] = Counter()
    end, lives = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        live(seed + lives, count)
        lives += 1
    print(f"{lives} lives from seed {seed}: {dict(count)}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32))
