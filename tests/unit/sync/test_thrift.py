"""What waits on a metered connection or a low battery, what says so, and what overrides it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item, State
from sync.loopback import Loopback
from sync.outbox import Outbox
from sync.thrift import SMALL_BYTES_MAX, WAIVED_MAX, Rule, Rules, Thrift
from tests.sim.profiles import HandClock, intent, open_connection
from tests.unit.sync.items import an_item

LARGE = "x" * (SMALL_BYTES_MAX + 1)


def nothing_attached(item: Item) -> int | None:
    return 0


def thrift(
    clock: HandClock, metered: Rule = "small", low: Rule = "all",
    weigh: Callable[[Item], int | None] = nothing_attached,
) -> Thrift:  # fmt: skip
    return Thrift(clock, lambda: Rules(metered, low), weigh)


def test_where_nobody_knows_everything_is_sent(clock: HandClock) -> None:
    frugal = thrift(clock, "none", "none")
    assert frugal.holds(an_item(text=LARGE), loopback=False) == ""
    frugal.hint(metered=None, low_battery=None)
    assert frugal.holds(an_item(text=LARGE), loopback=False) == ""


@pytest.mark.parametrize(
    ("rule", "small", "large"), [("all", False, False), ("small", False, True), ("none", True, True)]
)
def test_the_rule_says_what_waits(clock: HandClock, rule: Rule, small: bool, large: bool) -> None:
    frugal = thrift(clock, rule, rule)
    for hint in ({"metered": True}, {"low_battery": True}):
        frugal.hint(**hint)
        assert bool(frugal.holds(an_item(), loopback=False)) == small
        assert bool(frugal.holds(an_item(text=LARGE), loopback=False)) == large
        assert frugal.holds(an_item(text=LARGE), loopback=True) == "", "nothing of it crosses the network"


def test_the_words_name_the_reason_the_size_and_the_way_out(clock: HandClock) -> None:
    frugal = thrift(clock, "small", "none", lambda _: 12_300_000)
    frugal.hint(metered=True)
    words = frugal.holds(an_item(), loopback=False)
    assert words == (
        "Held because this connection is metered and it is large (12.3 MB). (~/.agentrc, network.metered) "
        "Press “try now” to send it all the same."
    )
    frugal.hint(low_battery=True)
    assert "network.low_battery" in frugal.holds(an_item(), loopback=False)


def test_what_nobody_can_weigh_may_be_large(clock: HandClock) -> None:
    frugal = thrift(clock, weigh=lambda _: None)
    frugal.hint(metered=True)
    assert "it may be large" in frugal.holds(an_item(), loopback=False)


def test_try_now_is_for_what_was_there_and_ends_with_the_hint(clock: HandClock) -> None:
    frugal, item = thrift(clock, "none"), an_item()
    frugal.hint(metered=True)
    assert frugal.holds(item, loopback=False)
    frugal.waive(item.id)
    assert not frugal.holds(item, loopback=False)
    assert frugal.holds(an_item(), loopback=False), "only that one"
    frugal.waive_place("a:b")
    assert not frugal.holds(an_item(), loopback=False)
    frugal.hint(metered=False)
    frugal.hint(metered=True)
    assert frugal.holds(item, loopback=False)
    frugal.waive_all()
    assert not frugal.holds(item, loopback=False)


def test_what_is_waived_is_bounded(clock: HandClock) -> None:
    frugal, first, last = thrift(clock, "none"), an_item(), an_item()
    frugal.hint(metered=True)
    frugal.waive(first.id, *(str(n) for n in range(WAIVED_MAX - 1)), last.id)
    assert frugal.holds(first, loopback=False)
    assert not frugal.holds(last, loopback=False)


def test_a_held_item_stays_says_so_and_goes_when_told_to(
    database: Path, outbox: Outbox, connectivity: Connectivity, clock: HandClock
) -> None:
    frugal, far = thrift(clock, "small"), Loopback(loopback=False)
    small, large, behind = (
        outbox.enqueue(intent(text, payload={"text": text}), approval=False) for text in ("a", LARGE, "c")
    )
    frugal.hint(metered=True)
    dispatcher = Dispatcher(
        lambda: open_connection(database), lambda _: far, connectivity, clock, thrift=frugal
    )  # fmt: skip
    dispatcher.flush_once()
    assert [outbox.get(item.id).state for item in (small, large, behind)] == [
        State.DELIVERED, State.QUEUED, State.QUEUED,
    ], "and what is behind it keeps its place"  # fmt: skip
    kept = outbox.get(large.id)
    assert "this connection is metered" in str(kept.last_error)
    assert kept.attempts == 0
    dispatcher.nudge(try_now=True)
    dispatcher.flush_once()
    assert [key for key, _ in far.effects] == [small.id, large.id, behind.id]


def test_what_takes_the_place_of_an_item_that_was_weighed_is_weighed_itself(
    database: Path, outbox: Outbox, connectivity: Connectivity, clock: HandClock
) -> None:
    small, large = (outbox.enqueue(intent(text, payload={"text": text}), approval=False) for text in ("a", LARGE))

    def taken_back_while_it_is_weighed(item: Item) -> int:
        if item.id == small.id:
            with closing(open_connection(database)) as connection:
                Outbox(connection, clock).cancel(small.id)
        return 0

    frugal, far = thrift(clock, weigh=taken_back_while_it_is_weighed), Loopback(loopback=False)
    frugal.hint(metered=True)
    Dispatcher(lambda: open_connection(database), lambda _: far, connectivity, clock, thrift=frugal).flush_once()
    assert not far.effects
    kept = outbox.get(large.id)
    assert (kept.state, kept.attempts) == (State.QUEUED, 0)
    assert "this connection is metered" in str(kept.last_error)
