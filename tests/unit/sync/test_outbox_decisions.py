"""What the user may do with an item, and what is refused with which words."""

import sqlite3
from pathlib import Path

import pytest

from sync import outbox as outbox_module
from sync.errors import InvalidIntentError, ItemNotFoundError, NotAllowedError, OutboxFullError
from sync.intent import PAYLOAD_BYTES_MAX
from sync.item import Item
from sync.leases import Leases
from sync.outbox import Outbox
from sync.states import MOVES, State
from sync.transaction import transaction
from sync.transports.outcomes import RejectedError, RetryableError, UncertainError
from sync.transports.port import Receipt
from tests.sim.profiles import HandClock, intent, open_connection


def sent(outbox: Outbox, leases: Leases, outcome: Receipt | Exception, mode: str = "none") -> Item:
    """An item after one attempt that offered it and came to this outcome."""
    outbox.enqueue(intent(), approval=False)
    item = leases.lease("me", "webhook:ops", mode)  # type: ignore[arg-type]
    assert item
    leases.offer(item, "me")
    return leases.settle(item, "me", outcome)  # type: ignore[arg-type]


def test_an_intent_is_stored_with_its_key_before_anything_is_tried(outbox: Outbox, clock: HandClock) -> None:
    item = outbox.enqueue(intent(conversation_id="c", turn_id="t", call_id="k"), approval=True)
    assert item.state is State.WAITING_APPROVAL
    assert item.idempotency_key == item.id
    assert item.idempotency_key != "k"
    assert (item.attempts, item.receipt, item.last_error) == (0, None, None)
    assert item.expires_at == item.created_at + outbox_module.EXPIRES_AFTER_MS
    assert item.created_at == int(clock.now * 1000)
    assert outbox.get(item.id) == item
    assert outbox.counts() == {"waiting_approval": 1}


def test_enqueue_joins_the_transaction_of_its_caller(
    outbox: Outbox, connection: sqlite3.Connection, database: Path
) -> None:
    connection.execute("CREATE TABLE call (id)")
    with transaction(connection):
        connection.execute("INSERT INTO call VALUES (1)")
        outbox.enqueue(intent(), approval=False)
        with open_connection(database) as other:
            assert Outbox(other, lambda: 0.0).counts() == {}
        other.close()
    assert outbox.counts() == {"queued": 1}
    with pytest.raises(RuntimeError), transaction(connection):  # noqa: PT012  the transaction is what is tested
        connection.execute("INSERT INTO call VALUES (2)")
        outbox.enqueue(intent(), approval=False)
        raise RuntimeError
    assert outbox.counts() == {"queued": 1}
    assert connection.execute("SELECT count(*) FROM call").fetchone()[0] == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"destination": "smtp"}, "kind:name"),
        ({"destination": "smtp:" + "x" * 300}, "kind:name"),
        ({"sentence": " "}, "sentence"),
        ({"sentence": "x" * 2_000}, "longer than"),
        ({"payload": {"text": "x" * PAYLOAD_BYTES_MAX}}, "at most 4 MB"),
        ({"payload": {"text": "\ud800"}}, "half a character"),
        ({"payload": {"at": float("nan")}}, "written down"),
        ({"args": {"path": Path("x")}}, "written down"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_stored(
    outbox: Outbox, wrong: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidIntentError) as caught:
        outbox.enqueue(intent(**wrong), approval=False)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2
    assert outbox.counts() == {}


def test_the_outbox_has_a_bound(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "OPEN_ROWS_MAX", 2)
    outbox.cancel(outbox.enqueue(intent(), approval=False).id)
    outbox.enqueue(intent(), approval=False)
    outbox.enqueue(intent(), approval=True)
    with pytest.raises(OutboxFullError, match="Cancel some first"):
        outbox.enqueue(intent(), approval=False)


def test_approval_lets_it_go_unless_it_became_too_old(outbox: Outbox, clock: HandClock) -> None:
    first, second = (outbox.enqueue(intent(), approval=True) for _ in range(2))
    approved = outbox.approve(first.id)
    assert approved.state is State.QUEUED
    assert approved.approved_at == int(clock.now * 1000)
    with pytest.raises(NotAllowedError, match="cannot be approved"):
        outbox.approve(first.id)
    clock.turn(8 * 86_400)
    with pytest.raises(NotAllowedError, match="too old"):
        outbox.approve(second.id)
    assert outbox.get(second.id).state is State.WAITING_APPROVAL


def test_cancel_and_back(outbox: Outbox) -> None:
    item = outbox.enqueue(intent(), approval=True)
    assert outbox.cancel(item.id).state is State.CANCELLED
    assert outbox.retry(item.id).state is State.WAITING_APPROVAL, "it was never approved"
    outbox.approve(item.id)
    outbox.cancel(item.id)
    assert outbox.retry(item.id).state is State.QUEUED


def test_an_edit_before_the_first_attempt_keeps_the_key(outbox: Outbox) -> None:
    item = outbox.enqueue(intent(), approval=True)
    edited = outbox.edit(item.id, args={"text": "b"}, payload={"text": "b"}, sentence="Message: b")
    assert (edited.id, edited.payload, edited.sentence) == (item.id, {"text": "b"}, "Message: b")
    assert edited.fingerprint != item.fingerprint
    assert edited.state is State.WAITING_APPROVAL
    moved = outbox.edit(item.id, destination="webhook:team")
    assert (moved.destination, moved.payload) == ("webhook:team", {"text": "b"})
    with pytest.raises(InvalidIntentError):
        outbox.edit(item.id, payload={"text": "x" * PAYLOAD_BYTES_MAX})
    assert outbox.get(item.id) == moved


def test_an_edit_after_a_rejection_is_a_new_item_with_a_key_of_its_own(outbox: Outbox, leases: Leases) -> None:
    item = sent(outbox, leases, RejectedError("404", "there", "Change it."))
    new = outbox.edit(item.id, payload={"text": "b"})
    assert new.id != item.id
    assert new.replaces == item.id
    assert new.state is State.WAITING_APPROVAL
    assert outbox.get(item.id).state is State.CANCELLED


@pytest.mark.parametrize("approval", [True, False])
def test_an_edit_may_ask_for_a_yes_again(outbox: Outbox, leases: Leases, approval: bool) -> None:
    item = outbox.enqueue(intent(), approval=approval)
    if approval:
        outbox.approve(item.id)
    edited = outbox.edit(item.id, payload={"text": "b"}, asks=True)
    assert (edited.id, edited.state, edited.approved_at) == (item.id, State.WAITING_APPROVAL, None)
    assert edited.expires_at == item.expires_at
    assert leases.lease("me", "webhook:ops", "none") is None, "nothing leaves before the yes"
    assert outbox.edit(item.id, payload={"text": "c"}, asks=True).state is State.WAITING_APPROVAL
    assert outbox.approve(item.id).state is State.QUEUED


def test_the_newest_shape_of_an_item_is_found_by_any_of_its_ids(outbox: Outbox, leases: Leases) -> None:
    item = sent(outbox, leases, RejectedError("no"))
    assert outbox.newest(item.id) == item
    second = outbox.edit(item.id, payload={"text": "b"})
    assert outbox.newest(item.id) == outbox.newest(second.id) == second
    outbox.cancel(second.id)
    assert outbox.newest(item.id).state is State.CANCELLED


def test_an_edit_while_an_earlier_try_may_still_take_effect_is_refused(outbox: Outbox, leases: Leases) -> None:
    item = sent(outbox, leases, UncertainError("The line went dead.", "there"), mode="key")
    assert item.state is State.FAILED
    with pytest.raises(NotAllowedError) as caught:
        outbox.edit(item.id, payload={"text": "b"})
    assert "has seen this item" in caught.value.what
    assert "Cancel it" in caught.value.todo
    assert outbox.get(item.id) == item


@pytest.mark.parametrize("later", ["at once", "tried again", "too old"])
def test_an_edit_after_a_later_is_a_new_item_that_keeps_the_pause(outbox: Outbox, leases: Leases, later: str) -> None:
    """It was surely not done; under its key the destination may know the old text."""
    item = sent(outbox, leases, RetryableError("429", "there", after_s=3_600), mode="key")
    if later == "tried again":
        outbox.retry(item.id)
    elif later == "too old":
        outbox._connection.execute("UPDATE outbox_item SET expires_at = 0")
        leases.expire()
    new = outbox.edit(item.id, payload={"text": "b"})
    assert new.id != item.id
    assert (new.state, new.payload) == (State.WAITING_APPROVAL, {"text": "b"})
    assert outbox.get(item.id).state is State.CANCELLED
    assert outbox.approve(new.id).next_attempt_at == item.held_until
    assert leases.due() == []


def test_a_rejection_that_nobody_saw_is_edited_in_place_and_waits_for_a_look(outbox: Outbox, leases: Leases) -> None:
    outbox.enqueue(intent(), approval=False)
    item = leases.lease("me", "webhook:ops", "none")
    assert item
    leases.settle(item, "me", RejectedError("'nobody' is not an e-mail address"))
    edited = outbox.edit(item.id, payload={"to": "dana@example.org"})
    assert (edited.id, edited.state) == (item.id, State.WAITING_APPROVAL)
    assert outbox.approve(item.id).state is State.QUEUED


def test_a_sent_or_delivered_item_is_past_every_change(outbox: Outbox, leases: Leases) -> None:
    outbox.enqueue(intent(), approval=False)
    item = leases.lease("me", "webhook:ops", "none")
    assert item
    for state in (State.SENDING, State.DELIVERED):
        assert outbox.get(item.id).state is state
        for decide in (outbox.approve, outbox.cancel, outbox.retry, outbox.edit):
            with pytest.raises(NotAllowedError, match=f"{state}"):
                decide(item.id)
        with pytest.raises(NotAllowedError):
            outbox.resolve(item.id, "delivered")
        leases.settle(item, "me", Receipt("There."))


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("delivered", State.DELIVERED), ("retry", State.QUEUED), ("cancel", State.CANCELLED)],
)
def test_the_user_settles_what_is_unknown(outbox: Outbox, leases: Leases, verdict: str, state: State) -> None:
    item = sent(outbox, leases, UncertainError("The line went dead."))
    assert item.state is State.UNKNOWN
    with pytest.raises(NotAllowedError, match="cannot be tried again"):
        outbox.retry(item.id)
    with pytest.raises(NotAllowedError, match="delivered, retry or cancel"):
        outbox.resolve(item.id, "maybe")
    settled = outbox.resolve(item.id, verdict)
    assert settled.state is state
    assert (settled.receipt is not None) == (state is State.DELIVERED)


def test_what_became_too_old_gets_its_time_anew(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    item = outbox.enqueue(intent(expires_at=int((clock.now + 3_600) * 1_000)), approval=False)
    clock.turn(3_601)
    assert [held.state for held in leases.expire()] == [State.EXPIRED]
    assert leases.due() == []
    again = outbox.retry(item.id)
    assert again.state is State.QUEUED
    assert again.expires_at == int((clock.now + 3_600) * 1_000)


def test_pages_and_filters(outbox: Outbox) -> None:
    items = [outbox.enqueue(intent(str(n), f"webhook:{n % 2}"), approval=n > 3) for n in range(6)]
    ids = [item.id for item in items]
    assert [item.id for item in outbox.list()] == ids
    assert [item.id for item in outbox.list(newest_first=True, limit=2)] == [ids[5], ids[4]]
    assert [item.id for item in outbox.list(after=ids[1], limit=2)] == ids[2:4]
    assert [item.id for item in outbox.list(newest_first=True, after=ids[1])] == ids[:1]
    assert [item.id for item in outbox.list(states=("waiting_approval",))] == ids[4:]
    assert [item.id for item in outbox.list(states=(State.QUEUED,), destination="webhook:1")] == [ids[1], ids[3]]
    with pytest.raises(NotAllowedError, match="One of: waiting_approval"):
        outbox.list(states=("gone",))
    with pytest.raises(ItemNotFoundError):
        outbox.get("nothing")


def test_the_timeline_tells_the_story(outbox: Outbox, leases: Leases, clock: HandClock) -> None:
    item = outbox.enqueue(intent(), approval=True)
    clock.turn(1)
    outbox.approve(item.id)
    leased = leases.lease("me", "webhook:ops", "none")
    assert leased
    leases.settle(leased, "me", Receipt("there accepted it."))
    story = outbox.timeline(item.id)
    assert [step["state"] for step in story] == ["waiting_approval", "queued", "sending", "delivered"]
    assert story[0]["at"] + 1_000 == story[1]["at"]
    assert story[-1]["what"] == "Delivered. there accepted it."
    with pytest.raises(ItemNotFoundError):
        outbox.timeline("nothing")


def test_every_state_has_moves_and_only_delivered_is_final() -> None:
    assert set(MOVES) == set(State)
    assert [state for state, moves in MOVES.items() if not moves] == [State.DELIVERED]


@pytest.mark.parametrize("over", [False, True])
def test_what_another_stands_in_for_is_not_tried_again(outbox: Outbox, over: bool) -> None:
    """Both would be sent: "try everything again" takes in what was cancelled."""
    item = outbox.enqueue(intent("x"), approval=False)
    outbox._connection.execute("UPDATE outbox_item SET state = 'rejected', offers = 1")
    newer = outbox.edit(item.id, sentence="Better said")
    if over:
        outbox.cancel(newer.id)
    with pytest.raises(NotAllowedError, match="in its place"):
        outbox.retry(item.id)
    assert list(outbox.retry_many([item.id]).refused) == [item.id]
    assert outbox.get(item.id).state is State.CANCELLED
