"""A pause that a destination asked for is the destination's: what a user decides about one item does not shorten it,
but for the word that this one goes now all the same."""

import pytest

from sync import pauses
from sync.connectivity import Connectivity
from sync.delivery import Round
from sync.intent import Need
from sync.item import Item
from sync.leases import Leases
from sync.loopback import Loopback, Script
from sync.outbox import Outbox
from sync.retry import LOOKS_MAX, OFFERS_MAX
from sync.states import State
from sync.transports.outcomes import RetryableError
from sync.transports.port import Receipt
from tests.sim.profiles import HandClock, intent

PLACE = "webhook:ops"
HOUR_MS = 3_600_000


def deliver(leases: Leases, clock: HandClock, place: Loopback) -> None:
    Round(leases, "me", Connectivity(clock), clock, lambda _: None, lambda: False, []).run(PLACE, place)


@pytest.fixture
def place() -> Loopback:
    return Loopback(PLACE, "key", Script.of("put_off", after_s=3_600))


def one_told(outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback) -> Item:
    item = outbox.enqueue(intent("first", PLACE), approval=False)
    deliver(leases, clock, place)
    assert outbox.get(item.id).held_until == outbox.now_ms() + HOUR_MS
    return outbox.get(item.id)


@pytest.fixture
def told(outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback) -> Item:
    """One that was asked to come back in an hour."""
    return one_told(outbox, leases, clock, place)


@pytest.mark.parametrize("many", [False, True])
def test_trying_again_keeps_it_and_says_so(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback, told: Item, many: bool
) -> None:
    if many:
        assert outbox.retry_many([told.id]).done == (told.id,)
    else:
        outbox.retry(told.id)
    deliver(leases, clock, place)
    waits = outbox.get(told.id)
    assert (waits.state, waits.held_until, waits.next_attempt_at) == (State.QUEUED, told.held_until, told.held_until)
    assert "when the pause is over" in outbox.timeline(told.id)[-1]["what"]
    clock.turn(3_600)
    deliver(leases, clock, place)
    assert outbox.get(told.id).state is State.DELIVERED


@pytest.mark.parametrize("many", [False, True])
def test_only_the_word_that_it_goes_now_all_the_same_ends_it(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback, told: Item, many: bool
) -> None:
    if many:
        outbox.retry_many([told.id], at_once=True)
    else:
        outbox.retry(told.id, at_once=True)
    assert "asked to be left alone" in outbox.timeline(told.id)[-1]["what"]
    deliver(leases, clock, place)
    assert outbox.get(told.id).state is State.DELIVERED


def test_a_backoff_of_our_own_is_not_waited_out(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback
) -> None:
    place.faults = Script.of("put_off")
    item = outbox.enqueue(intent("first", PLACE), approval=False)
    deliver(leases, clock, place)
    assert outbox.get(item.id).next_attempt_at > outbox.now_ms()
    outbox.retry(item.id)
    deliver(leases, clock, place)
    assert outbox.get(item.id).state is State.DELIVERED


def test_a_doubt_keeps_what_the_earlier_try_needs_even_at_once(outbox: Outbox, leases: Leases, told: Item) -> None:
    leases._connection.execute("UPDATE outbox_item SET uncertain_since = 1, mode = 'query'")
    assert outbox.retry(told.id).held_until == told.held_until
    now = outbox.now_ms()
    assert outbox.retry(told.id, at_once=True).held_until == now + int(pauses.ASK_AFTER_S * 1_000)


@pytest.mark.parametrize("how", ["cancel", "says it arrived", "moves it elsewhere", "grows too old"])
def test_who_is_behind_it_waits_in_its_place(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback, told: Item, how: str
) -> None:
    behind = outbox.enqueue(intent("second", PLACE), approval=False)
    if how == "cancel":
        outbox.cancel(told.id)
    elif how == "says it arrived":
        outbox.resolve(told.id, "delivered")
    elif how == "moves it elsewhere":
        leases._connection.execute("UPDATE outbox_item SET offers = 0 WHERE id = ?", (told.id,))
        outbox.edit(told.id, destination="webhook:dev")
    else:
        leases._connection.execute("UPDATE outbox_item SET expires_at = 0 WHERE id = ?", (told.id,))
        leases.expire()
    deliver(leases, clock, place)
    waits = outbox.get(behind.id)
    assert (waits.state, waits.attempts, waits.held_until) == (State.QUEUED, 0, told.held_until)
    assert behind.id in [item.id for item in (*outbox.touched(), *leases.touched())]
    clock.turn(3_601)
    deliver(leases, clock, place)
    assert outbox.get(behind.id).state is State.DELIVERED


def test_a_change_before_it_was_offered_keeps_it(outbox: Outbox, leases: Leases, told: Item) -> None:
    """A mail server may say "later" while it greets."""
    leases._connection.execute("UPDATE outbox_item SET offers = 0")
    assert outbox.edit(told.id, payload={"channel": "ops", "text": "other"}).next_attempt_at == told.held_until


def test_what_was_cancelled_or_grew_too_old_meanwhile_comes_back_behind_it(outbox: Outbox, told: Item) -> None:
    outbox.cancel(told.id)
    assert outbox.retry(told.id).next_attempt_at == told.held_until


def test_who_is_behind_it_waits_also_where_it_would_have_waited_longer_by_itself(
    outbox: Outbox, leases: Leases, told: Item
) -> None:
    """A backoff of its own ends with "try now"; the pause does not."""
    behind = outbox.enqueue(intent("second", PLACE), approval=False)
    later = told.held_until + 60_000
    leases._connection.execute("UPDATE outbox_item SET next_attempt_at = ? WHERE id = ?", (later, behind.id))
    outbox.cancel(told.id)
    assert outbox.get(behind.id).next_attempt_at == later
    leases.wake(everything=True)
    assert outbox.get(behind.id).next_attempt_at == told.held_until


@pytest.mark.parametrize(
    "how", ["approved", "put back", "sent all the same", "what it needed arrived", "let go", "moved here"]
)
def test_an_older_one_that_comes_before_it_waits_too(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback, how: str
) -> None:
    needed = outbox.enqueue(intent("needed", "webhook:dev"), approval=False)
    needs = (Need(needed.id),) if how in ("what it needed arrived", "let go") else ()
    at = "webhook:dev" if how == "moved here" else PLACE
    older = outbox.enqueue(intent("older", at, needs=needs), approval=how == "approved").id
    if how == "put back":
        outbox.cancel(older)
    elif how == "sent all the same":
        leases._connection.execute("UPDATE outbox_item SET state = 'conflict', conflict = '{}' WHERE id = ?", (older,))
    told = one_told(outbox, leases, clock, place)
    if how == "approved":
        outbox.approve(older)
    elif how == "put back":
        assert "when the pause is over" in outbox.timeline(outbox.retry(older).id)[-1]["what"]
    elif how == "sent all the same":
        outbox.resolve(older, "send")
    elif how == "what it needed arrived":
        outbox.resolve(needed.id, "delivered")
    elif how == "let go":
        outbox.let_go(older)
    else:
        outbox.edit(older, destination=PLACE)
    leases.wake(everything=True)
    deliver(leases, clock, place)
    waits = outbox.get(older)
    assert (waits.state, waits.attempts, waits.held_until) == (State.QUEUED, 0, told.held_until)
    clock.turn(3_601)
    deliver(leases, clock, place)
    assert outbox.get(older).state is State.DELIVERED


def test_an_older_one_goes_at_once_by_that_word(
    outbox: Outbox, leases: Leases, clock: HandClock, place: Loopback
) -> None:
    older = outbox.enqueue(intent("older", PLACE), approval=False)
    outbox.cancel(older.id)
    one_told(outbox, leases, clock, place)
    outbox.retry(older.id, at_once=True)
    deliver(leases, clock, place)
    assert outbox.get(older.id).state is State.DELIVERED


def test_an_older_one_that_came_before_it_while_it_was_sent_waits_too(outbox: Outbox, leases: Leases) -> None:
    older = outbox.enqueue(intent("older", PLACE), approval=True)
    outbox.enqueue(intent("first", PLACE), approval=False)
    sent = leases.lease("me", PLACE, "key")
    assert sent
    leases.offer(sent, "me")
    outbox.approve(older.id)
    told = leases.settle(sent, "me", RetryableError("Later.", PLACE, after_s=3_600.0))
    assert outbox.get(older.id).held_until == told.held_until > outbox.now_ms()
    assert older.id in [item.id for item in leases.touched()]


def test_who_is_behind_one_that_was_given_up_waits(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    place = Loopback(PLACE, "key", Script.of(*["put_off"] * OFFERS_MAX, after_s=3_600))
    first, behind = (outbox.enqueue(intent(text, PLACE), approval=False) for text in ("first", "second"))
    for _ in range(OFFERS_MAX):
        clock.turn(3_601)
        deliver(leases, clock, place)
    assert outbox.get(first.id).state is State.REJECTED
    waits = outbox.get(behind.id)
    assert (waits.attempts, waits.held_until) == (0, outbox.now_ms() + HOUR_MS)
    assert outbox.retry(first.id).held_until == waits.held_until, "and so does it, if it is put back"


class Silent(Loopback):
    def find(self, item: Item) -> Receipt | None:
        raise RetryableError("Ask again later.", PLACE, after_s=3_600.0)


def test_who_is_behind_one_that_could_not_be_found_out_waits(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    first, behind = (outbox.enqueue(intent(text, PLACE), approval=False) for text in ("first", "second"))
    leases._connection.execute(
        "UPDATE outbox_item SET uncertain_since = ?, mode = 'query', unanswered = ? WHERE id = ?",
        (outbox.now_ms() - 60_000, LOOKS_MAX - 1, first.id),
    )
    deliver(leases, clock, Silent(PLACE, "query"))
    assert outbox.get(first.id).state is State.UNKNOWN
    waits = outbox.get(behind.id)
    assert (waits.attempts, waits.held_until) == (0, outbox.now_ms() + HOUR_MS)
    assert outbox.resolve(first.id, "retry").held_until == waits.held_until
