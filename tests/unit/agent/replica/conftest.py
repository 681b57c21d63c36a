from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sim.laptops import Laptop, hand_clock

Make = Callable[..., Laptop]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Laptops that see one folder, `tmp_path / "stick"`."""
    now, made = hand_clock(), []

    def laptop(name: str, passphrase: str = "", folder: str = "stick") -> Laptop:
        made.append(Laptop(tmp_path / name, tmp_path / folder, now, passphrase))
        return made[-1]

    yield laptop
    for it in made:
        it.close()


@pytest.fixture
def anna(make: Make) -> Laptop:
    return make("anna")


@pytest.fixture
def bert(make: Make) -> Laptop:
    return make("bert")


def both(*laptops: Laptop) -> None:
    """Until each has heard of each."""
    for _ in range(3):
        for laptop in laptops:
            laptop.exchange()
