"""Real SIGKILLs in great number: `python -m tests.sim.killing LANE --kills N --seed S`.

A warm parent forks each victim, which works on a profile with the real dispatcher against a real server on loopback, or
puts something in, or approves; it dies at a named boundary, before its n-th SQL statement, by the destination's hand,
or from outside at any moment, alone or beside a second copy of Carryon. Every so many deaths others recover, and the
effects are counted at the destination. One line of JSON goes to stdout.
"""

import argparse
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx  # noqa: F401  warm before the fork
import icalendar  # noqa: F401
import psutil  # noqa: F401

from sync import boundaries
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item, State
from sync.life import Life
from sync.outbox import Outbox
from sync.transaction import transaction
from tests.sim.book import STAGES
from tests.sim.lanes import LANES, LYING, Lane
from tests.sim.ledger import Ledger
from tests.sim.mailbox import mailbox
from tests.sim.mortal import Death, child, wait
from tests.sim.profiles import NOON, create, intent, open_connection

DEATHS_A_PROFILE = 25
WAITING_MIN = 3  # so that every victim has something to do
STEP_S = 40.0  # between two lives: longer than a destination that can be asked is left alone
ROUNDS_MAX = 12
LIFE_S = 20_000.0  # longer than any life here, so that the destinations' time goes on
OUTSIDE_S = 0.05
STATEMENTS_MAX = 60
WAYS = {"sql": 7, "boundary": 4, "destination": 4, "outside": 5, "beside another": 2, "enqueue": 2, "approve": 1}
DONE = (State.DELIVERED, State.UNKNOWN)


@dataclass
class Figures:
    """`unknown_arrived`: of those that the user is asked about, how many had arrived."""

    lane: str
    seed: int
    items: int = 0
    kills: int = 0
    spared: int = 0
    delivered: int = 0
    unknown: int = 0
    unknown_arrived: int = 0
    twice: int = 0
    lost: int = 0
    seconds: float = 0.0
    how: Counter[str] = field(default_factory=Counter)
    ways: list[str] = field(default_factory=list)  # still to be drawn
    faults: list[str] = field(default_factory=list)


class Lifetime:
    """One profile, from its first item to its judgement."""

    def __init__(
        self, lane: Lane, ledger: Ledger, path: Path, chance: random.Random, figures: Figures, begins: float = NOON
    ) -> None:
        self.lane, self.ledger, self.path, self.chance, self.figures = lane, ledger, path, chance, figures
        self.now = begins
        self.promised: set[str] = set()
        self.made = 0
        with closing(create(path)) as connection:
            connection.execute("CREATE TABLE call (id TEXT)")

    # What a victim does

    def enqueue(self, death: Death, text: str, to_user: int = -1, *, approval: bool = False) -> None:
        """As the core does it: the call's row and its outbox row in one transaction, then the user sees it."""
        with closing(death.connect(self.path)) as connection:
            outbox = Outbox(connection, lambda: self.now, death.passes)
            death.armed = True
            with transaction(connection):
                connection.execute("INSERT INTO call VALUES (?)", (text,))
                wanted = intent(text, self.lane.destination, payload=self.lane.payload(text, self.ledger))
                outbox.enqueue(wanted, approval=approval)
            if to_user >= 0:
                os.write(to_user, text.encode())
            death.armed = False

    def approve(self, death: Death) -> None:
        with closing(death.connect(self.path)) as connection:
            outbox = Outbox(connection, lambda: self.now, death.passes)
            death.armed = True
            for item in outbox.list(states=("waiting_approval",)):
                outbox.approve(item.id)

    def flush(self, death: Death) -> None:
        self.ledger.order.here_i_am()
        death.armed = True
        Dispatcher(
            lambda: death.connect(self.path), lambda _: self.lane.make(self.ledger, lambda: self.now),
            Connectivity(lambda: self.now), lambda: self.now, boundary=death.passes,
            life=Life(self.path.with_suffix(".life")),
        ).flush_once()  # fmt: skip

    # How it dies

    def _go_on(self) -> None:
        self.now += STEP_S
        self.ledger.order.turn_to(self.now)

    def die_once(self) -> None:
        self._go_on()
        how = self._way()
        self._fill()
        killed = self._kill(how)
        self.figures.kills += killed
        self.figures.how[how] += killed
        if not killed:
            self.figures.spared += 1
            self.figures.ways.insert(0, how)
        if self.lane.mode == "query":
            self.ledger.quiet()  # it is asked half a minute later: by then it has finished what it had begun

    def _way(self) -> str:
        """Drawn from a heap: only a kill uses a card up, so that even a short run takes every way."""
        if not self.figures.ways:
            self.figures.ways = self.chance.sample(list(WAYS), k=sum(WAYS.values()), counts=list(WAYS.values()))
        return self.figures.ways.pop()

    def _kill(self, how: str) -> bool:
        if how == "enqueue":
            text = self._text()
            shown, killed = wait(*child(lambda pipe: self.enqueue(self._death(boundaries.ENQUEUE), text, pipe)))
            self.promised |= {text} if shown else set()
            return killed
        if how == "approve":
            text = self._text()
            self.enqueue(Death(), text, approval=True)
            self.promised.add(text)
            return wait(*child(lambda _: self.approve(Death("sql", self.chance.randint(1, 12)))))[1]
        if how == "destination":
            self.ledger.order.give(self.chance.choice(STAGES))
            killed = wait(*child(lambda _: self.flush(Death())))[1]
            self.ledger.order.give("")
            return killed
        if how in ("outside", "beside another"):
            return self._from_outside(two=how != "outside")
        death = self._death(boundaries.DELIVERY) if how == "boundary" else self._death()
        return wait(*child(lambda _: self.flush(death)))[1]

    def _from_outside(self, *, two: bool) -> bool:
        """Another copy of Carryon works on the same profile and lives; either may come first."""
        first = two and self.chance.random() < 0.5
        other = child(lambda _: self.flush(Death())) if first else None
        pid, reading = child(lambda _: self.flush(Death()))
        if two and not first:
            other = child(lambda _: self.flush(Death()))
        select.select([reading], [], [], OUTSIDE_S * self.chance.random() ** 2)  # early ones find it still at work
        os.kill(pid, signal.SIGKILL)
        killed = wait(pid, reading)[1]
        if other:
            wait(*other)
        return killed

    def _death(self, names: tuple[str, ...] = ()) -> Death:
        if names is boundaries.ENQUEUE:
            return self.chance.choice([Death(self.chance.choice(names)), Death("sql", self.chance.randint(1, 11))])
        if names:
            return Death(self.chance.choice(names), self.chance.randint(1, 3))
        return Death("sql", self.chance.randint(1, STATEMENTS_MAX))

    def _fill(self) -> None:
        with closing(open_connection(self.path)) as connection:
            outbox = Outbox(connection, lambda: self.now)
            waiting = sum(n for state, n in outbox.counts().items() if State(state) not in DONE)
        for _ in range(WAITING_MIN - waiting):
            text = self._text()
            self.enqueue(Death(), text)
            self.promised.add(text)

    def _text(self) -> str:
        self.made += 1
        return f"{self.path.stem} item {self.made}"

    # What is left

    def recover(self) -> None:
        """Others, as after a restart, until nothing moves any more."""
        for _ in range(ROUNDS_MAX):
            self._go_on()
            with closing(open_connection(self.path)) as connection:
                outbox = Outbox(connection, lambda: self.now)
                for item in outbox.list(states=("waiting_approval",)):
                    outbox.approve(item.id)
            wait(*child(lambda _: self.flush(Death())))
            if all(item.state in DONE for item in self._items()):
                return self.ledger.quiet()
        self.figures.faults.append(f"{self.path.stem}: not settled after {ROUNDS_MAX} rounds")
        return None

    def judge(self) -> None:
        """Nothing lost, nothing twice, nothing said to be delivered that is not there, and in order."""
        items, figures = self._items(), self.figures
        keys = {self._key(item) for item in items}
        lines = [line for line in self.ledger.lines() if line[1] in keys]
        happened = Counter(key for _, key, _ in lines)
        with closing(open_connection(self.path)) as connection:
            calls = [row[0] for row in connection.execute("SELECT id FROM call")]
        texts = [str(item.payload["text"]) for item in items]
        if sorted(calls) != sorted(texts):
            self._wrong("call and item do not agree")
        lost = self.promised - set(texts)
        figures.lost += len(lost)
        figures.items += len(items)
        for item in items:
            self._judge_item(item, happened[self._key(item)])
        self._judge_order(items, lines)

    def _judge_item(self, item: Item, times: int) -> None:
        figures, delivered = self.figures, item.state is State.DELIVERED
        figures.twice += times > 1
        figures.lost += delivered and times == 0
        figures.delivered += delivered
        figures.unknown += item.state is State.UNKNOWN
        figures.unknown_arrived += item.state is State.UNKNOWN and times > 0
        if times > 1 or (delivered and times != 1) or (self.lane.exact and not delivered):
            self._wrong(f"item {item.seq} is {item.state} with {times} effects")

    def _judge_order(self, items: list[Item], lines: list[tuple[str, str, str]]) -> None:
        """What was approved late may come late; of what the user is asked about nobody knows when it came."""
        place = {
            self._key(item): item.seq for item in items if item.state is State.DELIVERED and not item.needs_approval
        }
        came = [place[key] for _, key, _ in lines if key in place]
        if any(earlier > later for earlier, later in pairwise(came)):
            self._wrong(f"order was not kept: {came}")

    def _key(self, item: Item) -> str:
        return str(item.payload["text"]) if self.lane.by_text else item.id

    def _items(self) -> list[Item]:
        with closing(open_connection(self.path)) as connection:
            return Outbox(connection, lambda: self.now).list()

    def _wrong(self, what: str) -> None:
        self.figures.faults.append(f"{self.path.stem}: {what}")


def kill_many(lane: Lane, kills: int, seed: int, until: float = float("inf")) -> Figures:
    """`until`: monotonic time at which it ends all the same."""
    chance, began, figures = random.Random(f"{seed} {lane.name}"), time.monotonic(), Figures(lane.name, seed)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=quick_folder(), ignore_cleanup_errors=True))
        asked = stack.enter_context(mailbox(Path(folder) / "mailbox.log")) if lane.name == "smtp/query" else 0
        ledger = stack.enter_context(Ledger(Path(folder), asked))
        n = 0
        while figures.kills < kills and time.monotonic() < until:
            n += 1
            life = Lifetime(lane, ledger, Path(folder) / f"life {n}.db", chance, figures, NOON + n * LIFE_S)
            wanted = min(figures.kills + DEATHS_A_PROFILE, kills)
            while figures.kills < wanted and time.monotonic() < until:
                life.die_once()
            life.recover()
            life.judge()
            for end in ("", "-wal", "-shm"):
                life.path.with_name(life.path.name + end).unlink(missing_ok=True)
        again = [key for key, times in ledger.happened().items() if times > 1]
        if again and not figures.twice:
            figures.twice += len(again)
            figures.faults.append("something came twice after it was judged")
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def quick_folder() -> str | None:
    """In memory where that is at hand: a killed process leaves what it wrote either way, and the disk is spared."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def as_json(figures: Figures) -> dict[str, Any]:
    found = asdict(figures) | {"how": dict(figures.how)}
    del found["ways"]
    return found


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.sim.killing", description=__doc__)
    asked.add_argument("lane", choices=[*LANES, LYING.name])
    asked.add_argument("--kills", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--seconds", type=float, default=float("inf"))
    options = asked.parse_args()
    until = time.monotonic() + options.seconds
    json.dump(as_json(kill_many(LANES.get(options.lane, LYING), options.kills, options.seed, until)), sys.stdout)


if __name__ == "__main__":
    main()
