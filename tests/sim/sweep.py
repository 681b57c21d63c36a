"""Kills the process at every boundary of enqueue and delivery, then looks at what is left.

Runs as a process of its own (`python -m tests.sim.sweep KIND SEED`), whose warm parent forks each victim. KIND is the
destination: "deduping" and "plain" receive HTTP, "asking" is a tracker that can be asked, "mail" a mail server that
deduplicates nothing, "lying" is said to deduplicate and does not (the sweep must notice); "together" kills nobody but
lets several processes flush one profile.

A victim kills itself with SIGKILL at a named boundary or before its n-th SQL statement, or is killed by the destination
in the middle of a request, or by the parent at any moment. Afterwards other processes recover and deliver, and the
effects are counted at the destination. One JSON document goes to stdout.
"""

import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx  # noqa: F401  warm before the fork
import psutil  # noqa: F401

from sync import boundaries
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import State
from sync.outbox import Outbox
from sync.transaction import transaction
from tests.sim.mortal import Death, child, wait
from tests.sim.profiles import NOON, intent, open_connection
from tests.sim.world import World

SETTLED = (State.DELIVERED, State.UNKNOWN)
ROUNDS_MAX = 12
ROUND_S = 1_000.0  # the clock's step between two rounds of recovery: longer than any backoff
PAYLOAD = {"channel": "ops", "to": "dana@example.org", "title": "The contract"}
MURDERS = 40
PAIRS = 40
TOGETHER = 60


def enqueue(world: World, path: Path, death: Death, texts: tuple[str, ...], to_user: int = -1) -> None:
    """As the core does it: the call's row and its outbox row in one transaction, then the user sees it."""
    with closing(death.connect(path)) as connection:
        outbox = Outbox(connection, lambda: NOON, death.passes)
        for text in texts:
            death.armed = True
            with transaction(connection):
                connection.execute("INSERT INTO call VALUES (?)", (text,))
                outbox.enqueue(intent(text, payload=PAYLOAD | {"text": text, "body": text}), approval=False)
            if to_user >= 0:
                os.write(to_user, text.encode())
            death.armed = False


def flush(world: World, path: Path, death: Death, now: float = NOON, query: str = "") -> None:
    death.armed = True
    Dispatcher(
        lambda: death.connect(path), lambda name: world.transport(name, now, query), Connectivity(lambda: now),
        lambda: now, boundary=death.passes,
    ).flush_once()  # fmt: skip
    death.armed = False


def recover(world: World, path: Path) -> int:
    """Fresh processes, as after a restart, until nothing moves any more. How many it took."""
    for n in range(1, ROUNDS_MAX + 1):
        wait(*child(lambda _, n=n: flush(world, path, Death(), NOON + n * ROUND_S)))
        with closing(open_connection(path)) as connection:
            counts = Outbox(connection, lambda: NOON).counts()
        if all(state in SETTLED for state in counts):
            return n
    raise RuntimeError(f"not settled after {ROUNDS_MAX} rounds: {counts}")


@dataclass
class Tally:
    deaths: int = 0
    survivals: int = 0
    delivered: int = 0
    unknown: int = 0
    faults: list[str] = field(default_factory=list)
    unknown_after: Counter[str] = field(default_factory=Counter)

    def judge(self, world: World, path: Path, promised: set[str], how: str) -> None:
        """Nothing lost, nothing twice. `promised`: what the user was shown as queued."""
        happened = world.happened()
        with closing(open_connection(path)) as connection:
            items = Outbox(connection, lambda: NOON).list()
            calls = {row[0] for row in connection.execute("SELECT id FROM call")}
        texts = [str(item.payload["text"]) for item in items]
        if calls != set(texts) or len(calls) != len(texts):
            self.faults.append(f"{how}: call and item do not agree: {calls} and {texts}")
        if not promised <= set(texts):
            self.faults.append(f"{how}: lost {promised - set(texts)}")
        for item in items:
            times = happened[item.idempotency_key]
            if times > 1 or (item.state is State.DELIVERED and times != 1):
                self.faults.append(f"{how}: {item.state} and {times} effects")
            if world.exact and item.state is not State.DELIVERED:
                self.faults.append(f"{how}: {item.state} although exactly once was promised")
            self.delivered += item.state is State.DELIVERED
            if item.state is State.UNKNOWN:
                self.unknown += 1
                self.unknown_after[how] += 1

    def count(self, killed: bool) -> bool:
        self.deaths += killed
        self.survivals += not killed
        return killed


def die_in_enqueue(world: World, tally: Tally, death: Death, how: str) -> bool:
    path = world.profile()
    shown, killed = wait(*child(lambda pipe: enqueue(world, path, death, ("one",), pipe)))
    tally.count(killed)
    recover(world, path)
    tally.judge(world, path, {"one"} if shown else set(), how)
    return killed


def die_in_delivery(world: World, tally: Tally, deaths: list[Death], how: str, query: str = "") -> bool:
    """Several processes die one after the other over the same item, then somebody lives."""
    path = world.profile()
    enqueue(world, path, Death(), ("one",))
    killed = False
    for n, death in enumerate(deaths):
        _, killed = wait(*child(lambda _, d=death, n=n: flush(world, path, d, NOON + n * ROUND_S, query)))
        tally.count(killed)
    recover(world, path)
    tally.judge(world, path, {"one"}, how)
    return killed


def sweep_boundaries(world: World, tally: Tally) -> None:
    for name in boundaries.ENQUEUE:
        if not die_in_enqueue(world, tally, Death(name), name):
            tally.faults.append(f"{name}: this boundary was never passed")
    for name in boundaries.DELIVERY:
        if not die_in_delivery(world, tally, [Death(name)], name):
            tally.faults.append(f"{name}: this boundary was never passed")
    if world.kind in ("mail", "asking"):
        return
    for stage in ("before", "after", "answering"):
        how = f"destination: {stage}"
        if not die_in_delivery(world, tally, [Death()], how, f"?die={stage}&pid=PID"):
            tally.faults.append(f"{how}: the destination did not kill")


def sweep_statements(world: World, tally: Tally) -> tuple[int, int]:
    """Before the first, second, ... SQL statement, until the process lives through all of them. How many there are."""
    n = m = 1
    while die_in_enqueue(world, tally, Death("sql", n), f"enqueue, statement {n}"):
        n += 1
    while die_in_delivery(world, tally, [Death("sql", m)], f"delivery, statement {m}"):
        m += 1
    return n - 1, m - 1


def sweep_pairs(world: World, tally: Tally, statements: int, chance: random.Random) -> None:
    """A second process dies while it cleans up after the first."""
    for _ in range(PAIRS):
        pair = [Death("sql", chance.randint(1, statements)), Death("sql", chance.randint(1, statements))]
        die_in_delivery(world, tally, pair, f"twice: statements {pair[0].left} and {pair[1].left}")


def murder(world: World, tally: Tally, chance: random.Random) -> None:
    """One profile, several items, and a SIGKILL from outside at any moment, over and over."""
    path = world.profile()
    texts = tuple(f"item {n}" for n in range(6))
    enqueue(world, path, Death(), texts)
    for n in range(MURDERS):
        pid, reading = child(lambda _, n=n: flush(world, path, Death(), NOON + n * ROUND_S))
        select.select([reading], [], [], chance.uniform(0.0, 0.1))
        os.kill(pid, signal.SIGKILL)
        tally.count(wait(pid, reading)[1])
        if n % 2:
            texts += (f"late {n}",)
            enqueue(world, path, Death(), texts[-1:])
    recover(world, path)
    tally.judge(world, path, set(texts), "murder")


def together(world: World, tally: Tally) -> None:
    """Three processes begin at the same moment on one profile with three destinations."""
    path = world.profile()
    with closing(open_connection(path)) as connection:
        outbox = Outbox(connection, lambda: NOON)
        wanted = [(n % 3, n) for n in range(TOGETHER)]
        for place, n in wanted:
            connection.execute("INSERT INTO call VALUES (?)", (str(n),))
            outbox.enqueue(intent(str(n), f"webhook:{place}"), approval=False)
    reading, writing = os.pipe()

    def race(pipe: int) -> None:
        os.close(writing)
        os.read(reading, 1)
        while moved(path):
            flush(world, path, Death())
        os.write(pipe, b".")

    racers = [child(race) for _ in range(3)]
    os.close(writing)
    for racer in racers:
        wait(*racer)
    tally.judge(world, path, {str(n) for _, n in wanted}, "together")
    with closing(open_connection(path)) as connection:
        place_of = {item.id: item.destination for item in Outbox(connection, lambda: NOON).list()}
        owners = connection.execute("SELECT count(*) FROM outbox_item WHERE attempts <> 1").fetchone()[0]
    if owners:
        tally.faults.append(f"together: {owners} items were tried more than once")
    lines = [json.loads(line) for line in world.effects.read_text().splitlines()]
    for place in sorted(set(place_of.values())):
        arrived = [int(payload["text"]) for key, payload in lines if place_of[key] == place]
        if arrived != sorted(arrived):
            tally.faults.append(f"together: order of {place} was not kept: {arrived}")


def moved(path: Path) -> bool:
    """Whether anything is left to do."""
    with closing(open_connection(path)) as connection:
        counts = Outbox(connection, lambda: NOON).counts()
    return any(state not in SETTLED for state in counts)


def main() -> None:
    kind, seed = sys.argv[1], int(sys.argv[2])
    chance, began = random.Random(seed), time.monotonic()
    tally, statements = Tally(), (0, 0)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        world = World(Path(folder), kind)
        try:
            if kind == "together":
                together(world, tally)
            else:
                sweep_boundaries(world, tally)
            if kind in ("deduping", "plain", "mail", "asking"):
                statements = sweep_statements(world, tally)
            if kind in ("deduping", "plain"):
                sweep_pairs(world, tally, statements[1], chance)
                murder(world, tally, chance)
        finally:
            os.kill(world.receiver, signal.SIGKILL)
            os.waitpid(world.receiver, 0)
    json.dump({"kind": kind, "seed": seed, "statements": statements, "seconds": round(time.monotonic() - began, 1)}
              | vars(tally), sys.stdout)  # fmt: skip


if __name__ == "__main__":
    main()
