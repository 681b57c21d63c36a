"""A destination that can be asked whether it arrived, and cannot say: that has an end, and then the user's word counts.
As long as it can say, it is asked, also when the user says "send it again"."""

from dataclasses import replace

import pytest

from sync import pauses, retry
from sync.connectivity import Connectivity
from sync.delivery import Round
from sync.item import Item
from sync.leases import Leases
from sync.loopback import Loopback, Script
from sync.outbox import Outbox
from sync.states import State
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    SignInError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Mode, Receipt
from tests.sim.profiles import HandClock, intent

PLACE = "tracker:web"
BUSY = RetryableError("The list is not there just now.", PLACE)


class Mute(Loopback):
    """Cannot say whether it arrived, for as long as there are words why."""

    why: DeliveryError | None = BUSY
    asked = 0

    def find(self, item: Item) -> Receipt | None:
        self.asked += 1
        if self.why:
            raise self.why
        return super().find(item)


def deliver(leases: Leases, clock: HandClock, place: Loopback, times: int = 1) -> None:
    for _ in range(times):
        clock.turn(1_000)
        Round(leases, "me", Connectivity(clock), clock, lambda _: None, lambda: False, []).run(PLACE, place)


def lost(outbox: Outbox, leases: Leases, clock: HandClock, place: Mute) -> Item:
    """One whose answer was lost."""
    item = outbox.enqueue(intent("first", PLACE), approval=False)
    place.faults = Script.of("lose_answer")
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.FAILED
    return item


@pytest.fixture
def place() -> Mute:
    return Mute(PLACE, "query", loopback=True)


@pytest.mark.parametrize("why", [BUSY, NotConfiguredError("There is no such folder."), UncertainError("Odd answer.")])
def test_a_destination_that_never_says_stops_holding_up_those_behind(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute, why: DeliveryError
) -> None:
    place.why = why
    first = lost(outbox, leases, clock, place)
    second = outbox.enqueue(intent("second", PLACE), approval=False)
    deliver(leases, clock, place, retry.LOOKS_MAX)
    asked = outbox.get(first.id)
    assert asked.state is State.UNKNOWN
    assert "could not be found out" in str(asked.last_error)
    assert outbox.get(second.id).state is State.DELIVERED
    assert place.asked == retry.LOOKS_MAX


def test_then_the_users_word_counts_and_nobody_is_asked(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute
) -> None:
    item = lost(outbox, leases, clock, place)
    deliver(leases, clock, place, retry.LOOKS_MAX)
    outbox.resolve(item.id, "retry")
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.DELIVERED
    assert place.asked == retry.LOOKS_MAX
    assert place.times(item.id) == 2


def test_one_that_did_answer_and_cannot_tell_is_not_asked_again(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute
) -> None:
    item = lost(outbox, leases, clock, place)
    place.why = UncertainError("Another file lies there.", PLACE, "Look there.", answered=True)
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.UNKNOWN
    assert place.asked == 1


@pytest.mark.parametrize("why", [UnreachableError("Nobody is there."), SignInError("Sign in first.")])
def test_a_network_that_is_away_does_not_count(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute, why: DeliveryError
) -> None:
    item = lost(outbox, leases, clock, place)
    place.why = why
    deliver(leases, clock, place, 2 * retry.LOOKS_MAX)
    assert (outbox.get(item.id).state, outbox.get(item.id).unanswered) == (State.QUEUED, 0)


def test_a_refusal_to_say_is_put_to_the_user_whose_word_counts(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute
) -> None:
    item = lost(outbox, leases, clock, place)
    place.why = RejectedError("It does not answer as such a server does.", PLACE)
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.UNKNOWN
    outbox.resolve(item.id, "retry")
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.DELIVERED


def test_send_it_again_asks_first_where_that_can_be_done(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute
) -> None:
    """It costs nothing: what is there already is not sent a second time."""
    item = lost(outbox, leases, clock, place)
    clock.turn(8 * 86_400)
    leases.expire()
    assert outbox.get(item.id).state is State.UNKNOWN
    place.why = None
    again = outbox.resolve(item.id, "retry")
    assert again.uncertain_since is not None
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.DELIVERED
    assert place.times(item.id) == 1


def test_the_earlier_try_has_time_to_end_also_when_the_user_is_quick(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Mute
) -> None:
    item = lost(outbox, leases, clock, place)
    now = int(clock() * 1_000)
    assert outbox.retry(item.id).next_attempt_at == now + int(pauses.ASK_AFTER_S * 1_000)
    leases._connection.execute("UPDATE outbox_item SET held_until = ?", (now + 86_400_000,))
    at_once = outbox.retry(item.id, at_once=True)
    assert at_once.next_attempt_at == now + int(pauses.ASK_AFTER_S * 1_000), "not longer than that"


@pytest.mark.parametrize(("mode", "doubted"), [("key", True), ("query", True), ("none", False)])
def test_only_where_nobody_else_can_tell_the_users_word_ends_the_doubt(
    outbox: Outbox, leases: Leases, clock: HandClock, mode: Mode, doubted: bool
) -> None:
    item = outbox.enqueue(intent("x", PLACE), approval=False)
    leased = leases.lease("me", PLACE, mode)
    assert leased
    leases.offer(leased, "me")
    leases.settle(leased, "me", UncertainError("The line went dead."))
    clock.turn(8 * 86_400)
    leases.expire()
    assert outbox.get(item.id).state is State.UNKNOWN
    assert (outbox.resolve(item.id, "retry").uncertain_since is not None) is doubted


def test_a_key_that_is_forgotten_is_asked_about_once(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    item = outbox.enqueue(intent("x", PLACE), approval=False)
    place = Loopback(PLACE, "key", replace(Script(), fixed=("lose_answer",)))
    deliver(leases, clock, place)
    clock.turn(2 * 86_400)
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.UNKNOWN
    outbox.resolve(item.id, "retry")
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.DELIVERED
