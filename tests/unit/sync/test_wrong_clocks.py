"""The clock is set back and forward, by an hour and by a year: nothing stale leaves, nothing twice, nothing hangs."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync.clocks import SLACK_MS, Watch, elapsed_s
from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item
from sync.leases import LEASE_MS, Leases
from sync.loopback import Loopback, Script
from sync.mending import Mending
from sync.outbox import Outbox
from sync.states import State
from sync.transports.outcomes import RetryableError, UncertainError
from sync.transports.port import Offer, Receipt
from tests.sim.profiles import HandClock, intent, open_connection

HOUR, YEAR = 3_600, 365 * 86_400
OPS = "webhook:ops"


@dataclass
class Machine:
    """Time as it passes, and what the clock says of it."""

    clock: HandClock
    passed: float = 0.0

    def elapsed(self) -> float:
        return self.passed

    def run(self, seconds: float) -> None:
        self.passed += seconds
        self.clock.turn(seconds)

    def set(self, seconds: float) -> None:
        self.clock.turn(seconds)


@pytest.fixture
def machine(clock: HandClock) -> Machine:
    return Machine(clock)


@pytest.fixture
def mending(connection: sqlite3.Connection, clock: HandClock) -> Mending:
    return Mending(connection, clock)


Start = Callable[[Loopback], Dispatcher]


@pytest.fixture
def start(database: Path, machine: Machine) -> Start:
    """A process that begins now, with the same destination."""

    def begin(place: Loopback) -> Dispatcher:
        return Dispatcher(
            lambda: open_connection(database), lambda _: place, Connectivity(machine.clock), machine.clock,
            elapsed=machine.elapsed,
        )  # fmt: skip

    return begin


def state_of(database: Path, item: Item) -> State:
    """From whatever thread."""
    with closing(open_connection(database)) as connection:
        return Outbox(connection, lambda: 0.0).get(item.id).state


def try_once(leases: Leases, outcome: Exception, mode: str = "key") -> Item:
    item = leases.lease("me", OPS, mode)  # type: ignore[arg-type]
    assert item
    leases.offer(item, "me")
    return leases.settle(item, "me", outcome)  # type: ignore[arg-type]


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_set_forward_things_are_held_and_set_back_again_they_stay_so(
    outbox: Outbox, leases: Leases, machine: Machine, jump: int
) -> None:
    item = outbox.enqueue(intent(expires_at=int((machine.clock.now + 1_800) * 1_000)), approval=False)
    machine.set(jump)
    assert [held.id for held in leases.expire()] == [item.id]
    machine.set(-jump)
    assert leases.due() == []
    assert outbox.get(item.id).state is State.EXPIRED, "which of the clocks was right nobody knows: the user decides"
    assert outbox.retry(item.id).state is State.QUEUED


@pytest.mark.parametrize("jump", [HOUR, YEAR])
@pytest.mark.parametrize("passes_by", [True, False])
def test_written_down_in_the_future_it_still_grows_too_old_in_its_own_time(
    outbox: Outbox, leases: Leases, mending: Mending, machine: Machine, jump: int, passes_by: bool
) -> None:
    machine.set(jump)
    item = outbox.enqueue(intent(expires_at=int((machine.clock.now + 600) * 1_000)), approval=False)
    asked = outbox.enqueue(intent(expires_at=int((machine.clock.now + 600) * 1_000)), approval=True)
    machine.set(-jump)
    if passes_by:
        assert mending.rejuvenate() == 2
        assert mending.rejuvenate() == 0
    else:  # taken before any pass looked at it
        taken = leases.lease("me", OPS, "none")
        assert taken
        leases.settle(taken, "me", RetryableError("503"))
    assert outbox.get(item.id).expires_at == int((machine.clock.now + 600) * 1_000)
    machine.run(601)
    held = {held.id for held in leases.expire()}
    assert item.id in held
    assert (asked.id in held) == passes_by


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_a_doubt_keeps_its_age_when_the_clock_is_set_back(
    outbox: Outbox, machine: Machine, start: Start, jump: int
) -> None:
    """Else a key that the destination has forgotten would be taken for one that it knows."""
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)
    place = Loopback(faults=Script.of("lose_answer", "drop", "drop"), now=machine.elapsed)
    dispatcher = start(place)
    dispatcher.flush_once()
    assert place.times(item.id) == 1
    machine.run(20 * HOUR)
    machine.set(-jump)
    dispatcher.flush_once()
    machine.run(5 * HOUR)
    dispatcher.flush_once()
    assert outbox.get(item.id).state is State.UNKNOWN
    assert place.times(item.id) == 1


def test_a_restart_sees_by_the_history_that_the_clock_was_set_back(
    outbox: Outbox, machine: Machine, start: Start
) -> None:
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)
    place = Loopback(faults=Script.of("lose_answer", "drop", "drop"), now=machine.elapsed)
    start(place).flush_once()
    machine.run(20 * HOUR)
    outbox.enqueue(intent("something happens", "webhook:b", expires_at=10**14), approval=True)
    machine.set(-10 * HOUR)
    start(place).flush_once()
    assert any("clock was set back" in step["what"] for step in outbox.timeline(item.id))
    machine.run(5 * HOUR)
    start(place).flush_once()
    assert outbox.get(item.id).state is State.UNKNOWN
    assert place.times(item.id) == 1


def test_a_doubt_from_the_future_gets_the_age_that_is_known_of_it(
    outbox: Outbox, leases: Leases, mending: Mending, machine: Machine
) -> None:
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)
    machine.set(YEAR)
    try_once(leases, UncertainError("reset"))
    machine.run(3 * HOUR)
    outbox.cancel(outbox.enqueue(intent("seen then"), approval=False).id)
    machine.set(-YEAR)
    outbox.enqueue(intent("the last line is of now"), approval=False)
    for _ in range(2):
        mending.look_back()
        assert outbox.get(item.id).uncertain_since == int((machine.clock.now - 3 * HOUR) * 1_000)


def test_an_hour_that_nobody_saw_is_within_the_margin(outbox: Outbox, machine: Machine, start: Start) -> None:
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)
    place = Loopback(faults=Script.of("lose_answer"), now=machine.elapsed)
    start(place).flush_once()
    machine.run(24.5 * HOUR)
    machine.set(-HOUR)
    start(place).flush_once()
    assert outbox.get(item.id).state is State.UNKNOWN
    assert place.times(item.id) == 1


@pytest.mark.parametrize("jump", [HOUR, YEAR])
def test_a_pause_is_as_long_as_it_was_asked_for(outbox: Outbox, machine: Machine, start: Start, jump: int) -> None:
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)
    place = Loopback(faults=Script.of("put_off", after_s=120))
    dispatcher = start(place)
    dispatcher.flush_once()
    machine.run(60)
    machine.set(-jump)
    dispatcher.flush_once()
    assert outbox.get(item.id).state is State.FAILED, "half of it is left, or all of it"
    machine.run(121)
    dispatcher.flush_once()
    assert outbox.get(item.id).state is State.DELIVERED


@pytest.mark.parametrize("jump", [-YEAR, -HOUR, HOUR, YEAR])
def test_a_delivery_under_way_is_not_taken_from_itself(
    outbox: Outbox, machine: Machine, start: Start, jump: int, database: Path
) -> None:
    item = outbox.enqueue(intent(expires_at=10**14), approval=False)

    class Slow(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            receipt = super().deliver(item, offer)
            machine.set(jump)
            dispatcher._connectivity.switch(offline=True)
            dispatcher.flush_once()  # the next pass of the same process
            seen.append(state_of(database, item))
            return receipt

    seen, place = list[State](), Slow(mode="none")
    dispatcher = start(place)
    dispatcher.flush_once()
    assert seen == [State.SENDING]
    assert outbox.get(item.id).state is State.DELIVERED
    assert place.times(item.id) == 1


def test_what_hangs_for_longer_than_its_lease_is_taken_back_all_the_same(
    outbox: Outbox, machine: Machine, start: Start, database: Path
) -> None:
    class Hanging(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            receipt = super().deliver(item, offer)
            machine.run(LEASE_MS / 1_000 + 1)  # also: the lid was closed
            dispatcher._connectivity.switch(offline=True)
            dispatcher.flush_once()
            seen.append(state_of(database, item))
            return receipt

    item = outbox.enqueue(intent(), approval=False)
    seen, place = list[State](), Hanging(mode="none")
    dispatcher = start(place)
    dispatcher.flush_once()
    assert seen == [State.UNKNOWN]
    assert outbox.get(item.id).state is State.DELIVERED, "the receipt that came late ends the doubt"


def test_a_lease_from_the_future_holds_nobody_up(outbox: Outbox, leases: Leases, machine: Machine) -> None:
    outbox.enqueue(intent(expires_at=10**14), approval=False)
    machine.set(YEAR)
    assert leases.lease("somebody elsewhere", OPS, "none")
    machine.set(-60)
    assert leases.recover() == [], "a minute is no wrong clock"
    machine.set(-YEAR)
    assert [item.state for item in leases.recover()] == [State.QUEUED]


def test_a_doubt_is_shifted_in_short_steps(
    outbox: Outbox, leases: Leases, mending: Mending, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.mending.AT_ONCE_MAX", 1)
    ids = [outbox.enqueue(intent(str(n), OPS), approval=False).id for n in range(3)]
    for _ in ids:
        try_once(leases, UncertainError("reset"), "none")
    mending.set_back(5_000)
    assert {outbox.get(item_id).uncertain_since for item_id in ids} == {int(clock.now * 1_000) - 5_000}


def test_the_watch_sees_steps_back_alone_and_adds_up_small_ones(machine: Machine) -> None:
    watch = Watch(machine.clock, machine.elapsed)
    machine.run(10_000)
    assert watch.set_back_ms() == 0
    machine.set(YEAR)
    assert watch.set_back_ms() == 0
    machine.set(-HOUR)
    machine.run(5)
    assert watch.set_back_ms() == HOUR * 1_000
    assert watch.set_back_ms() == 0, "once"
    steps = list[int]()
    for _ in range(2):
        machine.set(-SLACK_MS / 2_000)
        steps.append(watch.set_back_ms())
    assert steps == [0, SLACK_MS]
    assert elapsed_s() <= elapsed_s()
