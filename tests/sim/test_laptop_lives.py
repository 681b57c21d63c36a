"""Lives of two and three laptops from seeds; the seed stands in the message of what failed."""

import os

import pytest

from tests.sim.laptop_life import live

FIRST = int(os.environ.get("CARRYON_LAPTOPS_SEED", "7000"))


ONCE_FOUND = (424_294,)  # a life that ended with two libraries


@pytest.mark.parametrize("seed", [*range(FIRST, FIRST + 12), *ONCE_FOUND])
def test_they_come_to_the_same_library_and_nothing_is_lost(seed: int) -> None:
    live(seed)
