"""What may happen in one step: the user's moves, the machine's, the network's. Each takes the world and draws its own
details from it; a step whose move has nothing to act on does nothing."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from sync.errors import NotAllowedError, SyncError
from sync.intent import Need
from sync.item import Item
from sync.outbox import Outbox
from sync.states import State
from sync.transaction import transaction
from tests.sim.discrete.disk import FAULTS, Died
from tests.sim.discrete.oracle import Truth
from tests.sim.discrete.places import Place
from tests.sim.discrete.process import Process
from tests.sim.discrete.world import World
from tests.sim.profiles import intent

ITEMS_MAX = 60
SPANS_S = (1, 5, 40, 130, 1_000, 20_000, 90_000, 3 * 86_400)
SPAN_WEIGHTS = (8, 8, 8, 6, 6, 2, 2, 2)
BOUNDARIES = (
    "enqueue: row written", "enqueue: history written", "enqueue: committed", "lease: row marked", "lease: committed",
    "offer: row marked", "offer: committed", "deliver: answered", "settle: row written", "settle: committed",
)  # fmt: skip

Move = Callable[[World, Process], None]


# The user


def enqueue(world: World, process: Process) -> None:
    if len(world.oracle.items) < ITEMS_MAX:
        _put_in(world, process, needs=())


def enqueue_plan(world: World, process: Process) -> None:
    """One that uses what came of an earlier one, or only waits for it."""
    known = [item for item in world.items() if item.state not in (State.CANCELLED,)]
    if known and len(world.oracle.items) < ITEMS_MAX:
        other = world.chance.choice(known)
        token = world.chance.choice(["", f"result-{world.counts['asked']:016d}"])
        _put_in(world, process, (Need(other.id, token, "reference" if token else ""),))


def _put_in(world: World, process: Process, needs: tuple[Need, ...]) -> None:
    chance, number = world.chance, world.counts["asked"]
    world.counts["asked"] += 1
    place = chance.choice(sorted(world.places))
    approval = chance.random() < 0.4
    text = " ".join([f"words of {number}", *(need.token for need in needs if need.token)])
    expires_at = int((world.now() + chance.choice([60, 3_600, 100_000])) * 1_000) if chance.random() < 0.3 else None
    basis = {"version": world.places[place].version} if chance.random() < 0.3 else None
    wanted = intent(
        text, place, payload={"text": text, "call": f"call {number}"}, expires_at=expires_at, needs=needs,
        call_id=f"call {number}", basis=basis,
    )  # fmt: skip

    def put_in(connection: sqlite3.Connection) -> Item:
        with transaction(connection):
            connection.execute("INSERT INTO call VALUES (?)", (wanted.call_id,))
            return Outbox(connection, world.now, process.passes).enqueue(wanted, approval=approval)

    truth = Truth(f"item {number} for {place}", {text}, set() if approval else {text}, needs)
    world.note(f"{truth.label}, {'to be approved' if approval else 'at once'}, needs {len(needs)}")
    try:
        with closing(process.connect()) as connection:
            item = put_in(connection)
    except Died:
        world.counts["half put in"] += 1
        for found in world.items():  # whether it is there only the disk knows
            if found.id not in world.oracle.items:
                world.oracle.items[found.id] = truth
        raise
    world.oracle.items[item.id] = truth


def approve(world: World, process: Process) -> None:
    item = _any(world, State.WAITING_APPROVAL)
    if item:
        _decide(world, process, item, "approves", lambda outbox: outbox.approve(item.id), yes=True)


def edit(world: World, process: Process) -> None:
    item = _any(world)
    if item is None:
        return
    truth, asks = world.oracle.items[item.id], world.chance.random() < 0.4
    number = len(world.oracle.items)
    kept = " ".join(need.token for need in truth.needs if need.token and need.token in str(item.payload["text"]))
    text = f"other words {world.chance.randrange(1_000)} of {number} {kept}".strip()
    payload = {**item.payload, "text": text}
    truth.words.add(text)
    was_yes = item.state in (State.QUEUED, State.FAILED) and not asks
    try:
        after = _decide(
            world, process, item, f"edits {'and wants to be asked' if asks else ''}",
            lambda outbox: outbox.edit(item.id, payload=payload, asks=asks),
        )  # fmt: skip
    except Died:
        after = _as_it_stands(world, item)
    if after is None:
        truth.words.discard(text)
        return
    if after.id != item.id:
        world.oracle.items[after.id] = Truth(f"{truth.label} anew", {text}, set(), truth.needs)
        truth.words.discard(text)
        truth.taken_back = True
    elif after.payload["text"] == text:
        truth.words, truth.yes = {text}, {text} if was_yes else set()
        truth.taken_back = False
    else:
        truth.words.discard(text)
    if not process.alive:
        raise Died


def cancel(world: World, process: Process) -> None:
    item = _any(world)
    if item:
        _decide(world, process, item, "cancels", lambda outbox: outbox.cancel(item.id))


def retry(world: World, process: Process) -> None:
    item = _any(world)
    if item:
        _decide(world, process, item, "tries again", lambda outbox: outbox.retry(item.id), again=True)


def resolve(world: World, process: Process) -> None:
    item = _any(world, State.UNKNOWN, State.CONFLICT) or _any(world)
    verdict = world.chance.choice(["delivered", "retry", "retry", "cancel", "send"])
    if item:
        if verdict == "delivered":
            said, world.oracle.items[item.id].said = world.oracle.items[item.id].said, True
        after = _decide(
            world, process, item, f"says {verdict}", lambda outbox: outbox.resolve(item.id, verdict),
            again=verdict in ("retry", "send"),
        )  # fmt: skip
        if verdict == "delivered" and after is None:
            world.oracle.items[item.id].said = said


def decide_many(world: World, process: Process) -> None:
    """What a window does with all that is marked in it; a death, or a full disk, may leave a part of it done."""
    found = world.items()
    chosen = world.chance.sample(found, min(len(found), world.chance.randint(2, 8)))
    name = world.chance.choice(["approve", "cancel", "retry"])
    kept = {item.id: _as_known(world, item) for item in chosen}
    for item in chosen:
        _presume(world, item, yes=name == "approve", again=name == "retry")
    world.note(f"the user {name}s {len(chosen)} at once")
    refused = set[str]()
    try:
        done = process.decide(lambda outbox: getattr(outbox, f"{name}_many")([item.id for item in chosen]))
        refused = set(done.refused)
        world.counts["many"] += len(done.done)
    except sqlite3.Error as error:
        world.note(f"broken off: {error}")
    finally:
        for item in world.items():
            truth = world.oracle.items.get(item.id)
            if truth and item.id in refused:
                truth.yes, truth.taken_back, truth.allowed = kept[item.id]
            elif truth and item.id in kept:
                truth.taken_back = _is_taken_back(item)


def let_go(world: World, process: Process) -> None:
    """Without what it waits for."""
    waiting = [item for item in world.items() if item.waits_for]
    if waiting:
        item = world.chance.choice(waiting)
        try:
            _decide(world, process, item, "lets go", lambda outbox: outbox.let_go(item.id))
        finally:
            if not _as_it_stands(world, item).waits_for:
                world.oracle.items[item.id].needs = ()


def look_around(world: World, process: Process) -> None:
    """What the window does all day."""
    newest = process.decide(lambda outbox: outbox.list(newest_first=True, limit=10))
    for item in newest:
        world.oracle.told(item)


def _decide(
    world: World, process: Process, item: Item, words: str, move: Callable[[Outbox], Item], *,
    yes: bool = False, again: bool = False,
) -> Item | None:  # fmt: skip
    """The user's press of a button. None: it was refused, and nothing may have changed."""
    truth = world.oracle.items[item.id]
    kept = _as_known(world, item)
    _presume(world, item, yes=yes, again=again)
    world.note(f"the user {words} {truth.label}")
    try:
        after = process.decide(move)
    except Died:
        truth.taken_back = _is_taken_back(_as_it_stands(world, item))
        raise
    except (SyncError, sqlite3.Error) as error:
        truth.yes, truth.taken_back, truth.allowed = kept
        world.note(f"refused: {error}")
        if isinstance(error, NotAllowedError):
            world.counts["refused"] += 1
        return None
    truth.taken_back = _is_taken_back(after if after.id == item.id else _as_it_stands(world, item))
    world.oracle.told(after)
    return after


def _as_known(world: World, item: Item) -> tuple[set[str], bool, int]:
    truth = world.oracle.items[item.id]
    return set(truth.yes), truth.taken_back, truth.allowed


def _presume(world: World, item: Item, *, yes: bool, again: bool) -> None:
    """What the user means counts from the moment at which the button is pressed."""
    truth = world.oracle.items[item.id]
    if yes:
        truth.yes |= {str(item.payload["text"])}
    if again:
        truth.taken_back = False
        truth.allowed += _may_repeat(item, world.places[item.destination])


def _may_repeat(item: Item, place: Place) -> bool:
    """Whether "send it again" is said by somebody who was told that it may have arrived, and that nobody else knows."""
    if place.mode_of(item) == "none":
        return item.uncertain_since is not None or place.lies
    return item.state is State.UNKNOWN and item.unanswered > 0


def _is_taken_back(item: Item) -> bool:
    return item.state in (State.CANCELLED, State.CONFLICT)


def _as_it_stands(world: World, item: Item) -> Item:
    return next(found for found in world.items() if found.id == item.id)


def _any(world: World, *states: State) -> Item | None:
    found = [item for item in world.items() if not states or item.state in states]
    return world.chance.choice(found) if found else None


# The machine


def look(world: World, process: Process) -> None:
    process.look()


def flush(world: World, process: Process) -> None:
    process.flush()


def nudge(world: World, process: Process) -> None:
    process.nudge(try_now=world.chance.random() < 0.5)
    process.look()


def pass_time(world: World, process: Process) -> None:
    span = world.chance.choices(SPANS_S, SPAN_WEIGHTS)[0]
    world.note(f"{span} s go by")
    world.advance(span)


def doom(world: World, process: Process) -> None:
    """It will die before long."""
    if world.chance.random() < 0.7:
        process.statements_left = world.chance.randrange(60)
    else:
        process.dies_at = world.chance.choice(BOUNDARIES)
    world.note(f"process {process.number} will die: {process.dies_at or process.statements_left}")


def turn_clock(world: World, process: Process) -> None:
    by = world.chance.choice([-7_200, -3_600, -60, 60, 3_600, 7_200, 86_400])
    world.note(f"the clock is set by {by} s")
    world.counts["clock"] += 1
    world.set_clock(by)


def disk(world: World, process: Process) -> None:
    world.disk.fault = "" if world.disk.fault else world.chance.choice(sorted(FAULTS))
    world.counts["disk"] += bool(world.disk.fault)
    world.note(f"the disk is {world.disk.fault or 'well'}")


def back_up(world: World, process: Process) -> None:
    world.back_up()


def put_back(world: World, process: Process) -> None:
    """By hand, as a file, or by Carryon itself. Not in the middle of a delivery: nobody could."""
    if world.disk.copies:
        copy, by_hand = world.chance.randrange(len(world.disk.copies)), world.chance.random() < 0.5
        world.note(f"copy {copy} is put back {'by hand' if by_hand else 'by Carryon'}")
        world.counts["put back"] += 1
        world.put_back(copy, by_hand=by_hand)


def change_there(world: World, process: Process) -> None:
    """Somebody else changes what items were decided on."""
    place = world.places[world.chance.choice(sorted(world.places))]
    place.version += 1
    world.note(f"{place.name} is at version {place.version}")


# The network


def weather(world: World, process: Process) -> None:
    kind = world.weather.change(world.chance)
    world.counts[kind] += 1
    world.note(f"the network is {kind}")


def outage(world: World, process: Process) -> None:
    world.note(world.weather.toggle(world.chance.choice(sorted(world.places))))


def switch(world: World, process: Process) -> None:
    off = not process.connectivity.standing.manual
    process.connectivity.switch(offline=off)
    world.note(f"process {process.number}: the user switches the network {'off' if off else 'on'}")


def hint(world: World, process: Process) -> None:
    process.connectivity.hint(world.chance.choice([True, False, None]))


def spare(world: World, process: Process) -> None:
    """What the system says of the connection and the battery."""
    metered, low = world.chance.random() < 0.4, world.chance.random() < 0.3
    world.note(f"process {process.number}: metered {metered}, low battery {low}")
    process.hint(metered=metered, low_battery=low)
    world.counts["spared"] += metered or low


MOVES: Mapping[str, tuple[int, Move]] = {
    "enqueue": (18, enqueue), "approve": (9, approve), "edit": (6, edit), "cancel": (3, cancel), "retry": (5, retry),
    "resolve": (5, resolve), "look around": (2, look_around), "look": (24, look), "flush": (8, flush),
    "nudge": (4, nudge), "time": (12, pass_time), "doom": (7, doom), "clock": (2, turn_clock), "disk": (2, disk),
    "weather": (7, weather), "outage": (4, outage), "switch": (2, switch), "hint": (1, hint),
    "plan": (7, enqueue_plan), "let go": (1, let_go), "back up": (2, back_up), "put back": (1, put_back),
    "change there": (3, change_there), "many": (4, decide_many), "spare": (3, spare),
}  # fmt: skip

# What may take place in the middle of a delivery, by somebody else.
MEANWHILE: Mapping[str, tuple[int, Move]] = {
    name: MOVES[name] for name in ("approve", "edit", "cancel", "retry", "resolve", "many", "time", "weather", "clock",
                              "disk", "change there")
}  # fmt: skip


def draw(world: World, moves: Mapping[str, tuple[int, Any]]) -> tuple[str, Move]:
    name = world.chance.choices(list(moves), [weight for weight, _ in moves.values()])[0]
    return name, moves[name][1]
