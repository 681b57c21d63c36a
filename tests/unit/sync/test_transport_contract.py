"""One contract for every transport: the twin, mail, webhook, tracker, calendar, folder, git, the user's own requests.

`there` is a destination whose faults can be chosen by name and whose effects are counted there (destinations.py).
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sync.errors import LeaseLostError
from sync.item import Item
from sync.loopback import Fault, Loopback, Script
from sync.transports.outcomes import RejectedError, RetryableError, UncertainError, UnreachableError
from sync.transports.port import mode_of
from tests.sim.calendar_server import CalendarServer
from tests.sim.file_server import FileServer
from tests.unit.sync.destinations import KINDS, Http, There, item_of
from tests.unit.sync.items import an_item


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with CalendarServer(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    with FileServer(tmp_path_factory.mktemp("webdav") / "served") as server:
        yield server


@pytest.fixture(params=KINDS)
def there(request: pytest.FixtureRequest) -> Iterator[There]:
    with ExitStack() as undo:
        yield KINDS[request.param](request.param, undo, request.getfixturevalue)


class Offer:
    """Counts how often it was made, and what had happened there by then."""

    def __init__(self, there: There, key: str) -> None:
        self._there, self._key = there, key
        self.seen: list[int] = []

    def __call__(self) -> None:
        self.seen.append(self._there.times(self._key))


def deliver(there: There, item: Item, fault: Fault = "none") -> Offer:
    there.fault(fault)
    offer = Offer(there, item.idempotency_key)
    there.transport.deliver(item, offer)
    return offer


def test_an_effect_and_a_receipt(there: There) -> None:
    item = item_of(there)
    offer = Offer(there, item.id)
    receipt = there.transport.deliver(item, offer)
    assert there.times(item.id) == 1
    assert offer.seen == [0], "offered once, before anything happened"
    assert receipt.text
    assert receipt.reference
    assert all(isinstance(value, str) and value for value in receipt.as_facts().values())


def test_nobody_there_is_surely_not_sent(there: There) -> None:
    there.fault("drop")
    item = item_of(there)
    offer = Offer(there, item.id)
    with pytest.raises(UnreachableError) as caught:
        there.transport.deliver(item, offer)
    assert offer.seen == []
    assert there.times(item.id) == 0
    assert caught.value.what
    assert caught.value.todo


@pytest.mark.parametrize(
    ("fault", "error", "times"),
    [
        ("put_off", RetryableError, 0),
        ("reject", RejectedError, 0),
        ("lose_request", UncertainError, 0),
        ("lose_answer", UncertainError, 1),
    ],
)
def test_each_fault_has_its_meaning(there: There, fault: Fault, error: type[Exception], times: int) -> None:
    item = item_of(there)
    with pytest.raises(error):
        deliver(there, item, fault)
    assert there.times(item.id) == times


def test_what_may_not_be_offered_is_not_sent(there: There) -> None:
    def refuse() -> None:
        raise LeaseLostError

    item = item_of(there)
    with pytest.raises(LeaseLostError):
        there.transport.deliver(item, refuse)
    assert there.times(item.id) == 0
    deliver(there, item)
    assert there.times(item.id) == 1, "the transport is not broken by it"


def test_a_repeat_after_a_lost_answer_has_no_second_effect(there: There) -> None:
    item = item_of(there)
    with pytest.raises(UncertainError):
        deliver(there, item, "lose_answer")
    if there.transport.mode == "query":
        found = there.transport.find(item)
        assert found
        assert found.reference == "7" if isinstance(there, Http) else found.reference
        assert there.transport.find(item_of(there)) is None
    else:
        deliver(there, item)
    assert there.times(item.id) == 1


def test_two_items_are_two_effects(there: There) -> None:
    first, second = item_of(there), item_of(there)
    deliver(there, first)
    deliver(there, second)
    assert (there.times(first.id), there.times(second.id)) == (1, 1)


def test_it_says_what_it_is(there: There) -> None:
    transport = there.transport
    assert transport.name
    assert mode_of(transport, an_item()) in ("key", "query")
    assert transport.loopback
    assert transport.key_kept_s > 0


def test_a_script_of_chances_is_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[str]:
        twin = Loopback(faults=Script.from_seed(seed).drop(0.2).duplicate(0.2).lose_answer(0.2).put_off(0.1, after_s=3))
        ends = []
        for _ in range(50):
            item = an_item()
            try:
                twin.deliver(item, lambda: None)
                ends.append("ok")
            except (UnreachableError, UncertainError, RetryableError) as error:
                ends.append(type(error).__name__)
            assert twin.times(item.id) <= 1
        return ends

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {"ok", "UnreachableError", "UncertainError", "RetryableError"}
