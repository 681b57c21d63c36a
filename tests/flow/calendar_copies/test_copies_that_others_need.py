"""A copy that gives its place to a newer one: who waited for it waits for that one."""

import time

import pytest

from agent.runtime import Runtime
from sync.intent import Intent, Need
from sync.item import Item
from sync.leases import Leases
from sync.states import State
from sync.transports.outcomes import RetryableError
from tests.flow.calendar_copies.desk import NOON, Desk, states
from tests.flow.talking import Talk, follow

LINK = "result-of-the-copy-1234"


def put_off(runtime: Runtime, after_s: float = 3_600) -> Item:
    leases = Leases(runtime.connection, time.time)
    leased = leases.lease("me", "caldav:home", "query")
    assert leased
    leases.offer(leased, "me")
    leases.settle(leased, "me", RetryableError("Later.", after_s=after_s))
    return leased


def needs(runtime: Runtime, copy: Item, link: str = "") -> Item:
    text = f"It is in the calendar {link}"
    need = Need(copy.id, link, "reference" if link else "")
    intent = Intent("message.post", {"text": text}, "webhook:ops", {"text": text}, text, needs=(need,))
    return runtime.outbox.enqueue(intent, approval=True)


def arrives(runtime: Runtime) -> None:
    runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0, held_until = 0")
    runtime.flush()


def test_one_that_was_put_off_gives_its_place_to_another(desk: Desk, runtime: Runtime, dentist: str) -> None:
    first = put_off(runtime)
    (item,) = desk.rename(dentist, "Other")
    assert states(runtime) == [State.CANCELLED, State.QUEUED]
    assert runtime.outbox.newest(first.id).id == item.id, "the card of the call shows it"
    assert item.held_until > time.time() * 1_000, "the pause is the destination's"
    assert item.payload["title"] == "Other"


@pytest.mark.parametrize("link", ["", LINK])
def test_who_waited_for_it_waits_for_the_newer(desk: Desk, runtime: Runtime, dentist: str, link: str) -> None:
    message = needs(runtime, put_off(runtime), link)
    item, waiting = desk.rename(dentist, "Other")
    assert waiting == runtime.outbox.get(message.id), "the window is told of both"
    assert (waiting.waits_for, waiting.waits_on, waiting.last_error) == (1, (item.sentence,), None)
    arrives(runtime)
    free = runtime.outbox.get(message.id)
    assert (free.waits_for, LINK in free.payload["text"]) == (0, False)


@pytest.mark.parametrize("link", ["", LINK])
def test_also_where_the_newer_is_said_and_where_that_is_taken_back(
    talk: Talk, runtime: Runtime, dentist: str, link: str
) -> None:
    (copy,) = runtime.outbox.list()
    message = needs(runtime, copy, link)
    said = talk.say("make it 12", NOON, approve=True)
    newer = runtime.outbox.get(str(said.call.outbox_id))
    waiting = runtime.outbox.get(message.id)
    assert (waiting.waits_for, waiting.waits_on, waiting.last_error) == (1, (newer.sentence,), None)
    talk.say("undo that", follow("undo", "calendar.add"))
    assert runtime.outbox.get(newer.id).state is State.CANCELLED
    waiting = runtime.outbox.get(message.id)
    assert (waiting.waits_for, waiting.waits_on, waiting.last_error) == (1, (copy.sentence,), None)
    arrives(runtime)
    assert runtime.outbox.get(copy.id).state is State.DELIVERED
    assert runtime.outbox.get(message.id).waits_for == 0


def test_a_pause_of_the_destination_goes_on_for_what_is_said_instead(
    talk: Talk, runtime: Runtime, dentist: str
) -> None:
    put_off(runtime)
    said = talk.say("make it 12", NOON, approve=True)
    assert runtime.outbox.get(str(said.call.outbox_id)).held_until > time.time() * 1_000
