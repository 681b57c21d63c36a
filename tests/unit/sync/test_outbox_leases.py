"""Who may send what, and what is true after an attempt, a crash, a night."""

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from sync.errors import LeaseLostError, NotAllowedError
from sync.item import Item
from sync.leases import LEASE_MS, Leases
from sync.outbox import Outbox
from sync.owner import is_gone, new_owner
from sync.pauses import ASK_AFTER_S
from sync.retry import OFFERS_MAX
from sync.rows import Rows
from sync.states import State
from sync.transports.outcomes import (
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
    UnreachableError,
)
from sync.transports.port import Mode, Receipt
from tests.sim.profiles import HandClock, intent, open_connection

OPS = "webhook:ops"


def put(outbox: Outbox, text: str = "x", destination: str = OPS) -> Item:
    return outbox.enqueue(intent(text, destination), approval=False)


def attempt(leases: Leases, outcome: Receipt | DeliveryError, mode: Mode = "none", destination: str = OPS) -> Item:
    item = leases.lease("me", destination, mode)
    assert item
    if not isinstance(outcome, UnreachableError | NotConfiguredError):
        leases.offer(item, "me")
    return leases.settle(item, "me", outcome)


def test_one_holder_at_a_time_and_order_within_a_destination(outbox: Outbox, leases: Leases, database: Path) -> None:
    first, second, elsewhere = put(outbox, "1"), put(outbox, "2"), put(outbox, "3", "smtp:work")
    assert [item.id for item in leases.due()] == [elsewhere.id, first.id]
    held = leases.lease("me", OPS, "none")
    assert held
    assert (held.id, held.attempts, held.state) == (first.id, 1, State.SENDING)
    other = Leases(open_connection(database), lambda: 1_800_000_000.0)
    assert other.lease("you", OPS, "none") is None, "the second must wait for the first"
    assert [item.id for item in other.due()] == [elsewhere.id]
    leases.settle(held, "me", Receipt("ok"))
    taken = other.lease("you", OPS, "none")
    assert taken
    assert taken.id == second.id


def test_approval_does_not_hold_back_those_behind_it(outbox: Outbox, leases: Leases) -> None:
    waiting = outbox.enqueue(intent("1"), approval=True)
    behind = put(outbox, "2")
    assert [item.id for item in leases.due()] == [behind.id]
    outbox.approve(waiting.id)
    assert [item.id for item in leases.due()] == [waiting.id]


@pytest.mark.parametrize(
    ("outcome", "state", "blocks"),
    [
        (RetryableError("503"), State.FAILED, True),
        (UnreachableError("no route"), State.QUEUED, True),
        (RejectedError("404"), State.REJECTED, False),
        (UncertainError("reset"), State.UNKNOWN, False),
        (Receipt("ok"), State.DELIVERED, False),
    ],
)
def test_a_bad_item_holds_back_its_own_destination_at_most(
    outbox: Outbox, leases: Leases, outcome: Receipt | DeliveryError, state: State, blocks: bool
) -> None:
    put(outbox, "bad")
    behind, elsewhere = put(outbox, "behind"), put(outbox, "elsewhere", "smtp:work")
    settled = attempt(leases, outcome)
    assert settled.state is state
    due = [item.id for item in leases.due()]
    assert elsewhere.id in due
    assert (behind.id in due) != blocks


def test_a_pause_that_was_asked_for_is_kept_also_when_the_user_says_now(
    outbox: Outbox, leases: Leases, clock: HandClock
) -> None:
    item = put(outbox)
    attempt(leases, RetryableError("429", after_s=60))
    leases.wake(everything=True)
    assert leases.due() == []
    clock.turn(59)
    assert leases.lease("me", OPS, "none") is None
    clock.turn(1)
    assert [due.id for due in leases.due()] == [item.id]
    attempt(leases, RetryableError("503"))
    assert leases.due() == []
    leases.wake()
    assert leases.due() == [], "the network was not the reason"
    leases.wake(everything=True)
    assert len(leases.due()) == 1


def test_the_users_own_word_that_one_item_goes_now_goes_before_every_pause(outbox: Outbox, leases: Leases) -> None:
    item = put(outbox)
    attempt(leases, RetryableError("429", after_s=3_600))
    outbox.retry(item.id)
    assert leases.due() == []
    outbox.retry(item.id, at_once=True)
    assert [due.id for due in leases.due()] == [item.id]


def test_when_the_network_is_back_what_waited_for_it_is_due(outbox: Outbox, leases: Leases) -> None:
    put(outbox)
    for _ in range(8):
        leases.wake()
        settled = attempt(leases, UnreachableError("no route"))
    assert settled.next_attempt_at > settled.updated_at + 60_000, "backoff grows"
    assert settled.state is State.QUEUED, "however often, it was never refused"
    leases.wake()
    assert len(leases.due()) == 1


def test_it_is_given_up_after_so_many_refusals_and_starts_anew_when_asked(
    outbox: Outbox, leases: Leases, clock: HandClock
) -> None:
    item = put(outbox)
    for n in range(OFFERS_MAX):
        settled = attempt(leases, RetryableError("503"))
        assert settled.state is (State.REJECTED if n == OFFERS_MAX - 1 else State.FAILED)
        clock.turn(1_000)
    assert "Given up after 10 tries" in str(settled.last_error)
    outbox.retry(item.id)
    assert attempt(leases, RetryableError("503")).state is State.FAILED


@pytest.mark.parametrize(
    ("mode", "offered", "state", "uncertain"),
    [
        ("none", False, State.QUEUED, False),
        ("none", True, State.UNKNOWN, True),
        ("key", True, State.QUEUED, True),
        ("query", True, State.QUEUED, True),
    ],
)
def test_after_a_crash_only_what_was_offered_is_in_doubt(
    outbox: Outbox, leases: Leases, clock: HandClock, mode: Mode, offered: bool, state: State, uncertain: bool
) -> None:
    put(outbox)
    item = leases.lease("me", OPS, mode)
    assert item
    if offered:
        leases.offer(item, "me")
    assert leases.recover() == [], "its lease still runs and its holder may live"
    clock.turn(LEASE_MS / 1_000)
    (recovered,) = leases.recover()
    assert (recovered.state, recovered.uncertain_since is not None) == (state, uncertain)
    assert (recovered.lease_owner, recovered.offering) == (None, False)
    assert len(leases.due()) == (state is State.QUEUED and mode != "query")
    clock.turn(ASK_AFTER_S)
    assert len(leases.due()) == (state is State.QUEUED)


def test_the_lease_of_a_process_that_is_gone_is_taken_over_at_once(outbox: Outbox, leases: Leases) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.write(writing, new_owner().encode())
        signal.pause()
    owner = os.read(reading, 1_000).decode()
    put(outbox)
    assert leases.lease(owner, OPS, "none")
    assert not is_gone(owner)
    assert leases.recover() == []
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert is_gone(owner)
    assert [item.state for item in leases.recover()] == [State.QUEUED]
    os.close(reading)
    os.close(writing)


def test_in_doubt_a_holder_lives() -> None:
    mine = new_owner()
    place, pid, began, word = mine.split("/")
    assert not is_gone(mine)
    earlier = "t1" if began.startswith("t") else "1.00"
    assert is_gone(f"{place}/{pid}/{earlier}/{word}"), "the number was given to another process"
    for other in ("", "me", f"elsewhere/{pid}/1.00/{word}", f"{place}/x/{began}/{word}", f"{place}/{pid}//{word}"):
        assert not is_gone(other)


def test_whoever_lost_the_lease_must_not_send(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    put(outbox)
    item = leases.lease("sleeper", OPS, "none")
    assert item
    clock.turn(LEASE_MS / 1_000 + 1)
    leases.recover()
    with pytest.raises(LeaseLostError):
        leases.offer(item, "sleeper")
    again = leases.lease("me", OPS, "none")
    assert again
    with pytest.raises(LeaseLostError):
        leases.offer(item, "sleeper")
    leases.offer(again, "me")


def test_a_late_receipt_ends_the_doubt(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    put(outbox)
    item = leases.lease("sleeper", OPS, "none")
    assert item
    leases.offer(item, "sleeper")
    clock.turn(LEASE_MS / 1_000 + 1)
    assert [left.state for left in leases.recover()] == [State.UNKNOWN]
    assert leases.settle(item, "sleeper", RetryableError("503")).state is State.UNKNOWN
    settled = leases.settle(item, "sleeper", Receipt("ok"))
    assert settled.state is State.DELIVERED
    assert settled.uncertain_since is None
    assert leases.settle(item, "sleeper", Receipt("ok again")).receipt == {"text": "ok"}


def test_a_no_after_a_perhaps_is_still_a_perhaps(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    put(outbox)
    assert attempt(leases, UncertainError("reset"), "key").state is State.FAILED
    clock.turn(1_000)
    settled = attempt(leases, RejectedError("401"), "key")
    assert settled.state is State.UNKNOWN
    assert "earlier try may have arrived" in str(settled.last_error)


def test_expiry_holds_and_what_may_have_arrived_is_asked_about(
    outbox: Outbox, leases: Leases, clock: HandClock
) -> None:
    calm, waiting, doubtful = put(outbox, "1"), outbox.enqueue(intent(), approval=True), put(outbox, "2", "smtp:work")
    attempt(leases, UncertainError("reset"), "key", "smtp:work")
    attempt(leases, UnreachableError("Nobody is there.", "", "It is tried again."), "key")
    clock.turn(8 * 86_400)
    assert leases.lease("me", OPS, "none") is None, "nothing old is sent, even before it is held"
    states = {item.id: item.state for item in leases.expire()}
    assert states == {calm.id: State.EXPIRED, waiting.id: State.EXPIRED, doubtful.id: State.UNKNOWN}
    assert leases.expire() == []
    assert outbox.get(calm.id).payload == calm.payload
    assert outbox.get(calm.id).last_error == "It became too old to be sent without asking."


def test_what_it_waits_for_is_said_once(outbox: Outbox, leases: Leases) -> None:
    item = put(outbox)
    explained = leases.explain(item, "Set up an account.")
    assert explained
    assert (explained.state, explained.last_error, explained.attempts) == (State.QUEUED, "Set up an account.", 0)
    assert leases.explain(explained, "Set up an account.") is None
    assert len(outbox.timeline(item.id)) == 2
    outbox.cancel(item.id)
    assert leases.explain(item, "Something else.") is None


def test_a_wait_that_was_written_while_the_clock_was_wrong_does_not_bind(
    outbox: Outbox, leases: Leases, clock: HandClock
) -> None:
    item = outbox.enqueue(intent(expires_at=10**15), approval=False)
    clock.turn(50 * 365 * 86_400)
    attempt(leases, RetryableError("503", after_s=60))
    clock.turn(-50 * 365 * 86_400)
    assert [due.id for due in leases.due()] == [item.id]
    assert attempt(leases, Receipt("ok")).state is State.DELIVERED


def test_when_to_look_again(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    assert leases.next_due_ms() is None
    put(outbox)
    assert leases.next_due_ms() is not None
    attempt(leases, RetryableError("429", after_s=60))
    assert leases.next_due_ms() == int((clock.now + 60) * 1_000)
    clock.turn(60)
    leases.lease("me", OPS, "none")
    assert leases.next_due_ms() == int(clock.now * 1_000) + LEASE_MS


def test_a_move_that_does_not_exist_raises(outbox: Outbox, connection: sqlite3.Connection, clock: HandClock) -> None:
    item = put(outbox)
    with pytest.raises(NotAllowedError, match="queued cannot become failed"):
        Rows(connection, clock).move(item, State.FAILED, "")
    assert outbox.get(item.id) == item


def test_a_broken_word_in_the_tables_is_refused_by_them(outbox: Outbox, connection: sqlite3.Connection) -> None:
    item = put(outbox)
    for wrong in ("state = 'sent'", "state = 'delivered'", "state = 'sending'", "mode = 'hope'", "lease_owner = 'me'"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"UPDATE outbox_item SET {wrong} WHERE id = ?", (item.id,))
