"""The simulated world: true time, what the machine believes the time to be, the network, the disk, the destinations,
and the copies of Carryon that run in it. Nothing in it sleeps; a step's own seed draws all that happens in it."""

import heapq
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sync.dispatcher import TransportFor
from sync.events import Event, ItemChanged
from sync.item import Item
from sync.life import Life
from sync.outbox import Outbox
from sync.restored import mark_file
from sync.schema import STEPS
from tests.sim.discrete.disk import Disk
from tests.sim.discrete.oracle import Oracle
from tests.sim.discrete.places import Place, line
from tests.sim.discrete.process import Process
from tests.sim.discrete.weather import Weather

NOON = 1_800_000_000.0
MEANWHILE = 0.2  # how often something happens in the middle of a delivery


def honest_places() -> list[Place]:
    return [
        Place("webhook:key", "key", tempers=(8, 2, 3, 4, 0)),
        Place("tracker:query", "query"),
        Place("smtp:none", "none"),
        Place("webhook:busy", "key", tempers=(4, 6, 1, 2, 1)),
        Place("smtp:liar", "none", tempers=(6, 2, 2, 1, 2)),
        Place("action:each", "none", each=True),
    ]


class World:
    """`happening`: what may take place in the middle of a delivery, given the process and the stage."""

    def __init__(self, folder: Path, places: list[Place]) -> None:
        self.chance = random.Random(0)
        self.weather, self.disk, self.oracle = Weather(), Disk(folder), Oracle()
        self.places = {place.name: place for place in places}
        self.skew = 0.0
        self.trace: list[str] = []
        self.dead: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.happening: Callable[[Process, str], None] = lambda process, stage: None
        self._true = NOON
        self._late: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = 0
        self._make_profile()
        self.processes = [self.start(), self.start()]

    # Time

    def true_now(self) -> float:
        return self._true

    def now(self) -> float:
        """What the machine believes."""
        return self._true + self.skew

    def advance(self, seconds: float) -> None:
        until = self._true + seconds
        while self._late and self._late[0][0] <= until:
            self._true, _, act = heapq.heappop(self._late)
            act()
        self._true = until

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._late, (self._true + seconds, self._numbers, act))

    def set_clock(self, by: float) -> None:
        self.let_late_ones_arrive()
        self.skew += by

    def let_late_ones_arrive(self) -> None:
        """No request is under way for as long as a wrong clock, or an older copy, would let it seem."""
        while self._late:
            self.advance(max(self._late[0][0] - self._true, 0.0))

    # The rest of what a place needs

    def towards(self, destination: str) -> str:
        return self.weather.towards(destination)

    def note(self, what: str) -> None:
        self.trace.append(f"    {what}")

    # Copies of Carryon

    def start(self) -> Process:
        self._numbers += 1
        return Process(self._numbers, self.disk, self.now, self.true_now, self._transports, self._tell)

    def bury(self, process: Process) -> None:
        """It is gone, and another one is started in its place."""
        self.counts["deaths"] += 1
        self.dead.add(process.owner)
        self.note(f"process {process.number} is dead")
        self.processes[self.processes.index(process)] = self.start()

    def back_up(self) -> None:
        target = self.disk.path.with_name(f"copy {len(self.disk.copies)}.db")
        self.disk.copy(self.disk.path, target)
        self.disk.copies.append(target)
        self.oracle.back_up()

    def put_back(self, copy: int, *, by_hand: bool) -> None:
        """An older copy takes the profile's place: whatever ran is ended, what came after the copy is gone."""
        self.let_late_ones_arrive()
        for process in list(self.processes):
            self.bury(process)
        path, kept = self.disk.path, self.disk.path.with_name("kept.db")
        self.disk.copy(path, kept)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copy(self.disk.copies[copy], path)
        if not by_hand:
            life = Life(path.with_name("life"))
            mark_file(path, kept if self.chance.random() < 0.5 else None, int(self.now() * 1_000), life)
        self.oracle.put_back(self.items(), copy)

    def is_gone(self, owner: str) -> bool:
        return owner in self.dead

    def look_at_everything(self) -> None:
        """Every law, by a reader of its own that no fault touches."""
        with closing(sqlite3.connect(self.disk.path, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            calls = [row[0] for row in connection.execute("SELECT id FROM call")]
            self.oracle.check(Outbox(connection, self.now), calls, self.places)

    def items(self) -> list[Item]:
        with closing(sqlite3.connect(self.disk.path, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            return Outbox(connection, self.now).list()

    def _transports(self, process: Process) -> TransportFor:
        return lambda name: line(self.places[name], self, _Watch(self, process))

    def _tell(self, process: Process, event: Event) -> None:
        if isinstance(event, ItemChanged):
            self.note(f"{self.oracle.label(event.item.id)} is {event.item.state}: {event.item.last_error or ''}")
            self.oracle.told(event.item)
        else:
            self.note(str(event))

    def _make_profile(self) -> None:
        with closing(sqlite3.connect(self.disk.path, isolation_level=None)) as connection:
            for _, script in STEPS:
                connection.executescript(script)
            connection.execute("CREATE TABLE call (id TEXT PRIMARY KEY)")


class _Watch:
    def __init__(self, world: World, process: Process) -> None:
        self._world, self._process = world, process

    def sends(self, item: Item, place: Place) -> None:
        world = self._world
        world.counts["sends"] += 1
        world.note(f"process {self._process.number} tries {world.oracle.label(item.id)} at {place.name}")
        with closing(sqlite3.connect(world.disk.path, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            world.oracle.sends(
                item, Outbox(connection, world.now), int(world.now() * 1_000),
                switched_off=self._process.connectivity.standing.manual, spared=self._process.spares(item),
            )  # fmt: skip

    def offered(self, item: Item) -> None:
        self._world.oracle.offered(item, int(self._world.now() * 1_000))

    def answered(self, item: Item) -> None:
        self._world.oracle.items[item.id].acked = True

    def changed(self, item: Item) -> None:
        self._world.counts["changed"] += 1

    def meanwhile(self, item: Item, stage: str) -> None:
        process, world = self._process, self._world
        if not process.busy and world.chance.random() < MEANWHILE:
            process.busy += 1
            try:
                world.happening(process, stage)
            finally:
                process.busy -= 1
