"""What the worlds found once, each as a story of its own: a machine that is off, or asleep, for longer than a
destination remembers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.states import State
from tests.sim.discrete import moves
from tests.sim.discrete.disk import Died
from tests.sim.discrete.places import KEY_KEPT_S, Place
from tests.sim.discrete.process import Process
from tests.sim.discrete.simulation import seeded
from tests.sim.discrete.world import World

KIND = (1, 0, 0, 0, 0)


class Always:
    """In place of chance: whatever may happen in the middle of a delivery does."""

    def random(self) -> float:
        return 0.05

    def choice(self, options: list[object]) -> object:
        return options[0]

    def choices(self, options: list[object], weights: object = None) -> list[object]:
        return options[:1]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with seeded(1) as watch:
        world = World(tmp_path, [Place("webhook:key", "key", tempers=KIND)])
        watch(world)
        world.chance = Always()  # type: ignore[assignment]
        moves.enqueue(world, world.processes[0])
        moves.approve(world, world.processes[0])
        yield world


def test_a_machine_that_died_in_delivery_and_was_off_for_two_days_asks(world: World) -> None:
    """The doubt is as old as the offer, not as the moment at which somebody looked again."""

    def dies(process: Process, stage: str) -> None:
        if stage == "acted":
            process.die_here()

    world.happening = dies
    with pytest.raises(Died):
        world.processes[0].flush()
    world.bury(world.processes[0])
    world.happening = lambda process, stage: None
    world.advance(2 * KEY_KEPT_S)
    world.processes[0].flush()
    (item,) = world.items()
    assert item.state is State.UNKNOWN
    assert world.places["webhook:key"].acted[item.id] == 1
    world.look_at_everything()


def test_a_machine_that_slept_between_connecting_and_sending_does_not_send(world: World) -> None:
    """Its lease is over when it wakes: what was true when it was taken may be so no longer."""

    def sleeps(process: Process, stage: str) -> None:
        if stage == "connected":
            world.advance(8 * 86_400)  # also longer than the item may wait

    world.happening = sleeps
    world.processes[0].flush()
    (item,) = world.items()
    assert world.places["webhook:key"].acted[item.id] == 0
    world.happening = lambda process, stage: None
    world.processes[0].flush()
    (item,) = world.items()
    assert item.state is State.EXPIRED
    assert world.places["webhook:key"].acted[item.id] == 0
    world.look_at_everything()
