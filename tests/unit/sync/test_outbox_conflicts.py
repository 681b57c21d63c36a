"""The world changed since the decision: nothing is sent, both sides are kept, the user decides."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sync.dispatcher import Dispatcher
from sync.errors import InvalidIntentError, NotAllowedError
from sync.item import Item
from sync.leases import Leases
from sync.loopback import Loopback
from sync.outbox import Outbox
from sync.retry import after_failure
from sync.states import State
from sync.transports.outcomes import ChangedError
from sync.transports.port import Offer, Receipt
from tests.sim.profiles import HandClock, intent

Make = Callable[..., Dispatcher]
OPS = "webhook:ops"


@pytest.fixture
def place() -> Loopback:
    return Loopback(mode="none", world={"version": 2})


@pytest.fixture
def conflict(outbox: Outbox, dispatcher: Make, place: Loopback) -> Item:
    item = outbox.enqueue(intent(basis={"version": 1}, sources=("the page a.example",)), approval=False)
    dispatcher({OPS: place}).flush_once()
    return outbox.get(item.id)


def test_a_changed_world_is_a_conflict_with_both_sides_that_blocks_nobody(
    outbox: Outbox, dispatcher: Make, place: Loopback, conflict: Item
) -> None:
    assert conflict.state is State.CONFLICT
    assert conflict.conflict == {
        "what": "The world has changed.", "then": "{'version': 1}", "now": "{'version': 2}", "basis": {"version": 2},
    }  # fmt: skip
    assert place.effects == []
    story = outbox.timeline(conflict.id)[-1]["what"]
    assert "Then: {'version': 1}. Now: {'version': 2}." in story
    behind = outbox.enqueue(intent("behind", basis={"version": 2}), approval=False)
    dispatcher({OPS: place}).flush_once()
    assert outbox.get(behind.id).state is State.DELIVERED
    assert outbox.get(conflict.id).state is State.CONFLICT


def test_sent_all_the_same_it_stands_on_the_world_as_it_was_shown(
    outbox: Outbox, dispatcher: Make, place: Loopback, conflict: Item
) -> None:
    again = outbox.resolve(conflict.id, "send")
    assert (again.state, again.basis, again.conflict) == (State.QUEUED, {"version": 2}, None)
    assert again.approved_at is not None
    assert again.sources == ("the page a.example",)
    place.world = {"version": 3}
    dispatcher({OPS: place}).flush_once()
    assert outbox.get(conflict.id).state is State.CONFLICT, "changed once more since the user looked"
    outbox.resolve(conflict.id, "send")
    dispatcher({OPS: place}).flush_once()
    assert outbox.get(conflict.id).state is State.DELIVERED
    assert place.times(conflict.id) == 1
    told = [step["what"] for step in outbox.timeline(conflict.id) if "Then:" in step["what"]]
    assert len(told) == 2, "both conflicts stay in the timeline"


def test_tried_again_it_still_stands_on_what_it_was_decided_on(
    outbox: Outbox, dispatcher: Make, place: Loopback, conflict: Item
) -> None:
    outbox.retry(conflict.id)
    dispatcher({OPS: place}).flush_once()
    assert outbox.get(conflict.id).state is State.CONFLICT
    place.world = {"version": 1}
    outbox.retry(conflict.id)
    dispatcher({OPS: place}).flush_once()
    assert outbox.get(conflict.id).state is State.DELIVERED


def test_an_edit_stands_on_the_world_as_it_was_shown_or_on_what_it_brings(outbox: Outbox, conflict: Item) -> None:
    edited = outbox.edit(conflict.id, payload={"text": "b"})
    assert (edited.id, edited.state, edited.basis) == (conflict.id, State.WAITING_APPROVAL, {"version": 2})
    assert edited.sources == ("the page a.example",)
    assert outbox.edit(conflict.id, payload={"text": "c"}, basis={"version": 9}).basis == {"version": 9}
    assert outbox.edit(conflict.id, payload={"text": "d"}).basis == {"version": 9}


def test_a_conflict_that_the_destination_found_is_edited_under_a_new_key(outbox: Outbox, leases: Leases) -> None:
    """It was offered on a condition, and the destination said that it did not hold."""
    outbox.enqueue(intent(basis={"etag": "a"}), approval=False)
    item = leases.lease("me", OPS, "none")
    assert item
    leases.offer(item, "me")
    found = leases.settle(item, "me", ChangedError("Changed.", OPS, then="a", now="b", basis={"etag": "b"}))
    assert found.state is State.CONFLICT
    new = outbox.edit(item.id, payload={"text": "b"})
    assert (new.replaces, new.basis, new.state) == (item.id, {"etag": "b"}, State.WAITING_APPROVAL)
    assert outbox.get(item.id).state is State.CANCELLED


@pytest.mark.parametrize(("verdict", "state"), [("delivered", State.DELIVERED), ("cancel", State.CANCELLED)])
def test_the_user_may_also_let_it_be(outbox: Outbox, conflict: Item, verdict: str, state: State) -> None:
    assert outbox.resolve(conflict.id, verdict).state is state


def test_only_a_conflict_is_sent_all_the_same(outbox: Outbox) -> None:
    item = outbox.enqueue(intent(), approval=True)
    with pytest.raises(NotAllowedError, match="Only a conflict"):
        outbox.resolve(item.id, "send")
    assert outbox.get(item.id) == item


def test_a_conflict_does_not_grow_old_and_what_is_sent_all_the_same_gets_its_time(
    outbox: Outbox, leases: Leases, clock: HandClock, conflict: Item
) -> None:
    clock.turn(30 * 86_400)
    assert leases.expire() == []
    assert outbox.resolve(conflict.id, "send").expires_at > clock.now * 1_000


def test_where_an_earlier_try_may_have_arrived_the_change_may_be_its_own(conflict: Item) -> None:
    doubted = replace(conflict, state=State.SENDING, uncertain_since=1)
    assert after_failure(doubted, ChangedError("Changed."), "query", lambda: 0.5).state is State.UNKNOWN


def test_what_a_conflict_says_is_bounded(outbox: Outbox, dispatcher: Make) -> None:
    class Chatty(Loopback):
        def deliver(self, item: Item, offer: Offer) -> Receipt:
            raise ChangedError("Changed.", self.name, then="a" * 10_000, now="b" * 10_000, basis={})

    item = outbox.enqueue(intent(basis={"version": 1}), approval=False)
    dispatcher({OPS: Chatty()}).flush_once()
    told = outbox.get(item.id).conflict
    assert told
    assert {len(told["then"]), len(told["now"])} == {2_000}
    assert len(outbox.timeline(item.id)[-1]["what"]) <= 1_000
    assert outbox.resolve(item.id, "send").basis is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"basis": {"etag": "x" * 30_000}}, "20 kB"),
        ({"basis": {"etag": float("nan")}}, "written down"),
        ({"sources": ("x",) * 21}, "20 sources"),
        ({"sources": ("x" * 301,)}, "300 characters"),
        ({"sources": ("\ud800",)}, "half a character"),
    ],
)
def test_the_ground_of_a_decision_is_bounded(outbox: Outbox, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidIntentError, match=words):
        outbox.enqueue(intent(**wrong), approval=False)
