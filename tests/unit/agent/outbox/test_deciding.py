"""One decision about many, and how destinations stand, over a real outbox."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.errors import BadRequestError
from agent.outbox import deciding, standing
from agent.paths import Paths
from agent.protocol.outbox_records import ItemFilter
from agent.store import open_store
from sync.intent import Intent, Need
from sync.item import Item
from sync.outbox import Outbox

NOW = 1_800_000_000.0
Put = Callable[..., Item]


@pytest.fixture
def outbox(paths: Paths) -> Iterator[Outbox]:
    connection = open_store(paths.database)
    yield Outbox(connection, lambda: NOW)
    connection.close()


@pytest.fixture
def put(outbox: Outbox) -> Put:
    def one(subject: str, destination: str = "smtp:work", *, approval: bool = True, **more: Any) -> Item:
        args = {"to": "dana@halden.example", "subject": subject, "body": subject}
        intent = Intent("email.send", args, destination, args, f"E-mail to Dana: {subject}", **more)
        return outbox.enqueue(intent, approval=approval)

    return one


def test_a_yes_in_bulk_leaves_out_what_strangers_words_came_before(outbox: Outbox, put: Put) -> None:
    plain, warned = put("plain"), put("warned", sources=("the page example.org",))
    decided = deciding.decide(outbox, "approve", [plain.id, warned.id])
    assert (decided.done, decided.to_look_at) == ((plain.id,), (warned.id,))
    assert outbox.get(warned.id).state == "waiting_approval"


def test_taking_back_needs_no_look(outbox: Outbox, put: Put) -> None:
    warned = put("warned", sources=("the page example.org",))
    assert deciding.decide(outbox, "cancel", [warned.id]).done == (warned.id,)


def test_a_filter_decides_only_what_can_be_decided_so(outbox: Outbox, put: Put) -> None:
    there, elsewhere, queued = put("a"), put("b", "smtp:home"), put("c", approval=False)
    decided = deciding.decide_all(outbox, "approve", ItemFilter(destination="smtp:work"))
    assert (decided.done, decided.refused) == ((there.id,), {})
    assert outbox.get(elsewhere.id).state == "waiting_approval"
    assert outbox.get(queued.id).approved_at is None


def test_more_than_a_page_is_walked_through_in_order(outbox: Outbox, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "PAGE", 3)
    made = [put(f"{number}").id for number in range(8)]
    assert [item.id for item in deciding.matching(outbox, ItemFilter())] == made
    assert [item.id for item in deciding.matching(outbox, ItemFilter(), "approve", 5)] == made[:5]


def test_what_is_left_beyond_the_bound_is_said(outbox: Outbox, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "IDS_MAX", 2)
    for number in range(3):
        put(f"{number}")
    decided = deciding.decide_all(outbox, "approve", ItemFilter())
    assert len(decided.done) == 2
    assert decided.left


def test_an_unknown_decision_is_named(outbox: Outbox) -> None:
    with pytest.raises(BadRequestError, match="no such decision"):
        deciding.decide(outbox, "bless", [])


def arrived_at(outbox: Outbox, item: Item) -> None:
    """As if the destination had said it, not the user."""
    outbox._connection.execute("UPDATE outbox_item SET receipt = '{}' WHERE id = ?", (item.id,))


def test_destinations_stand_with_most_to_do_first(outbox: Outbox, put: Put) -> None:
    put("on its way", "smtp:busy", approval=False)
    put("asks", "smtp:asks")
    done = put("done", "smtp:done", approval=False)
    outbox.resolve(done.id, "delivered")
    arrived_at(outbox, done)
    places, left_out = standing.places(outbox)
    assert [place.destination for place in places] == ["smtp:asks", "smtp:busy", "smtp:done"]
    assert left_out == 0
    assert places[1].head_id
    assert places[2].reached_at == int(NOW * 1_000)
    few, left_out = standing.places(outbox, 1)
    assert (len(few), left_out) == (1, 2)


def test_very_many_are_decided_in_parts_that_add_up(outbox: Outbox, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "PART", 2)
    ids = [put(f"{number}").id for number in range(5)]
    parts = list(deciding.decide_in_parts(outbox, "approve", ids))
    assert [(len(part.done), part.left) for part in parts] == [(2, True), (4, True), (5, False)]
    assert list(deciding.decide_in_parts(outbox, "approve", [])) == [deciding.Decided()]


def test_the_head_of_a_place_is_the_one_that_goes_next(outbox: Outbox, put: Put) -> None:
    needed = put("first", "smtp:home", approval=False)
    put("waits for it", approval=False, needs=(Need(needed.id),))
    behind = put("goes next", approval=False)
    standings = {place.destination: place.head_id for place in standing.places(outbox)[0]}
    assert standings["smtp:work"] == behind.id


def test_what_is_chosen_by_a_filter_is_read_without_what_the_items_carry(
    outbox: Outbox, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [put(f"hello {number}").id for number in range(4)]
    put("elsewhere", "smtp:home")
    monkeypatch.setattr(Outbox, "list", None)
    chosen = deciding.chosen(outbox, "approve", ItemFilter(destination="smtp:work", text="hello"))
    assert chosen == (made, False)
    assert deciding.chosen(outbox, "approve", ItemFilter(states=("queued",))) == ((), False)
