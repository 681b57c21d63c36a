"""One run of the world: so many steps from a seed, every law looked at after each, and a quiet end in which everything
settles. Same seed and steps, same run: each step draws from a seed of its own, so that steps can be left out."""

import random
import sqlite3
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sync.states import ACTIVE
from tests.sim.discrete import moves
from tests.sim.discrete.disk import Died
from tests.sim.discrete.oracle import Broken
from tests.sim.discrete.places import Place
from tests.sim.discrete.process import Inline, Process
from tests.sim.discrete.world import World, honest_places
from tests.sim.killing import quick_folder

QUIET_ROUNDS = 14
QUIET_S = 10_000.0  # together longer than the longest pause that a destination may ask for


@dataclass(frozen=True)
class Outcome:
    """`broken`: the law that did not hold, and at which step; None: all held."""

    seed: int
    steps: int
    broken: Broken | None
    trace: tuple[str, ...]
    counts: Counter[str]
    states: Counter[str]


def simulate(seed: int, steps: Iterable[int], places: Callable[[], list[Place]] = honest_places) -> Outcome:
    with (
        tempfile.TemporaryDirectory(dir=quick_folder(), ignore_cleanup_errors=True) as folder,
        seeded(seed) as watch,
    ):
        run = _Run(seed, World(Path(folder), places()))
        watch(run.world)
        taken, broken = 0, None
        try:
            for n in steps:
                run.step(n)
                taken += 1
            run.end()
        except Broken as error:
            broken = error
        states = Counter(item.state.value for item in run.world.items())
        return Outcome(seed, taken, broken, tuple(run.world.trace), run.world.counts, states)


class _Run:
    def __init__(self, seed: int, world: World) -> None:
        self.seed, self.world = seed, world
        world.happening = self._meanwhile

    def step(self, n: int) -> None:
        world = self.world
        world.chance = random.Random(f"{self.seed}/{n}")
        random.seed(f"{self.seed}/{n}/backoff")
        name, move = moves.draw(world, moves.MOVES)
        process = world.chance.choices(world.processes, [4, 1])[0]
        self._heal()
        world.trace.append(f"{n}: {name}, process {process.number}, {world.now():.0f}")
        self._act(move, process)
        world.look_at_everything()

    def _heal(self) -> None:
        """Faults pass: otherwise most of a run would stand still."""
        world = self.world
        if world.chance.random() < 0.2:
            world.disk.fault = ""
        if world.chance.random() < 0.15:
            world.weather.clear()
        for each in world.processes:
            if each.connectivity.standing.manual and world.chance.random() < 0.1:
                each.connectivity.switch(offline=False)

    def end(self) -> None:
        """The storm is over: whatever can move by itself must have come to its end."""
        world = self.world
        world.trace.append("end: everything is well again")
        world.chance = random.Random(f"{self.seed}/end")
        world.disk.fault = ""
        world.weather.clear()
        world.happening = lambda process, stage: None
        for place in world.places.values():
            place.tempers, place.says = (1, 0, 0, 0, 0), 1.0
        for process in list(world.processes):
            world.bury(process)
        for _ in range(QUIET_ROUNDS):
            world.advance(QUIET_S)
            self._act(moves.flush, world.processes[0])
            world.look_at_everything()
        stuck = [item for item in world.items() if item.state in ACTIVE and not item.waits_for]
        if stuck:
            raise Broken("never ends", f"{world.oracle.label(stuck[0].id)} is {stuck[0].state}: {stuck[0].last_error}")

    def _act(self, move: moves.Move, process: Process) -> None:
        """A process may die in it, also one that worked in the middle of another's delivery."""
        try:
            move(self.world, process)
        except Died:
            pass
        except sqlite3.OperationalError as error:
            if not self.world.disk.fault:
                raise
            self.world.note(f"the disk refuses: {error}")
        for each in list(self.world.processes):
            if not each.alive:
                self.world.bury(each)

    def _meanwhile(self, process: Process, stage: str) -> None:
        world = self.world
        world.counts["meanwhile"] += 1
        others = [other for other in world.processes if other is not process and not other.busy and other.alive]
        kinds = ["dies", "other", "something", "sleeps"]
        kind = world.chance.choices(kinds, [3, 2, 4, 3 if stage == "connected" else 0])[0]
        world.note(f"meanwhile ({stage}):")
        if kind == "dies":
            process.die_here()
        elif kind == "sleeps":  # longer than its lease; another copy may have taken over when it wakes
            world.advance(world.chance.choice([125, 400, 5_000, 100_000]))
            if others and world.chance.random() < 0.7:
                self._beside(moves.flush, others[0])
        elif kind == "other" and others:
            self._beside(moves.flush, others[0])
        else:
            _, move = moves.draw(world, moves.MEANWHILE)
            self._beside(move, (others or [process])[0])

    def _beside(self, move: moves.Move, process: Process) -> None:
        """What ends the other process does not end this one."""
        busy, process.busy = process.busy, 1
        try:
            move(self.world, process)
        except Died:
            if process.alive:
                raise
        except sqlite3.OperationalError:
            if not self.world.disk.fault:
                raise
        finally:
            process.busy = busy


@contextmanager
def seeded(seed: int) -> Iterator[Callable[[World], None]]:
    """Names that are drawn, and whose process is gone, follow the seed too; rounds run one after the other."""
    names, worlds = random.Random(f"{seed}/names"), list[World]()
    state = random.getstate()
    with (
        patch("uuid.uuid4", lambda: uuid.UUID(int=names.getrandbits(128), version=4)),
        patch("sync.leases.is_gone", lambda owner: bool(worlds) and worlds[0].is_gone(owner)),
        patch("sync.dispatcher.Flight", Inline),
    ):
        try:
            yield worlds.append
        finally:
            random.setstate(state)
