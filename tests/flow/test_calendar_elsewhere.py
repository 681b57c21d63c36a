"""An appointment stands here at once; its copy leaves for a real calendar server when it may, and follows it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.errors import BadRequestError
from agent.paths import Paths
from agent.protocol.records import CallStatus
from agent.runtime import Runtime
from sync.leases import Leases
from sync.states import State
from tests.flow.talking import Growing, Talk, called, follow
from tests.sim.calendar_server import CalendarServer

SETTINGS = """schema = 1
timezone = "Europe/Berlin"

[accounts.home]
kind = "caldav"
url = "{url}"
user = "me"
secret = "env:CALENDAR_PASSWORD"
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CalendarServer]:
    monkeypatch.setenv("CALENDAR_PASSWORD", "pw")
    with CalendarServer(tmp_path / "radicale", password="pw") as running:
        yield running


@pytest.fixture
def runtime(paths: Paths, model: Growing, server: CalendarServer) -> Iterator[Runtime]:
    paths.agentrc.write_text(SETTINGS.format(url=server.url))
    with build(paths, environ={}, starter=model) as opened:
        yield opened


DENTIST = called("calendar.add", title="Dentist", when="6 May 2032 at 10")


def test_it_is_here_at_once_and_there_after_a_yes(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    assert made.call.status is CallStatus.DONE
    assert [event.title for event in runtime.library.events()] == ["Dentist"]
    assert "Its copy for the calendar home waits for your yes" in made.text
    item = runtime.outbox.get(str(made.call.outbox_id))
    assert (item.state, item.destination) == (State.WAITING_APPROVAL, "caldav:home")
    assert item.sentence == "Appointment “Dentist” for the calendar home: 2032-05-06 10:00 to 11:00"
    runtime.flush()
    assert server.kept() == []
    runtime.outbox.approve(item.id)
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED
    (text,) = server.kept()
    assert "DTSTART:20320506T080000Z" in text


def test_a_change_before_it_left_takes_its_place(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    moved = talk.say("make it 12", follow("amend", "calendar.add", title="Dentist", when="6 May 2032 at 12"))
    assert moved.call.artifact_id == first.call.artifact_id
    assert runtime.outbox.get(str(first.call.outbox_id)).state is State.CANCELLED
    runtime.outbox.approve(str(moved.call.outbox_id))
    runtime.flush()
    (text,) = server.kept()
    assert "DTSTART:20320506T100000Z" in text


def test_a_change_after_it_left_follows_it(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    assert runtime.outbox.get(str(first.call.outbox_id)).state is State.QUEUED, "said yes to beforehand"
    runtime.flush()
    moved = talk.say("make it 12", follow("amend", "calendar.add", title="Dentist", when="6 May 2032 at 12"))
    runtime.outbox.approve(str(moved.call.outbox_id))
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED, delivered.last_error
    (text,) = server.kept()
    assert "DTSTART:20320506T100000Z" in text


NOON = follow("amend", "calendar.add", title="Dentist", when="6 May 2032 at 12")


def test_a_change_taken_back_sends_the_first_after_all(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    moved = talk.say("make it 12", NOON)
    talk.say("undo that", follow("undo", "calendar.add"))
    assert runtime.outbox.get(str(moved.call.outbox_id)).state is State.CANCELLED
    assert runtime.outbox.get(str(first.call.outbox_id)).state is State.QUEUED
    runtime.flush()
    (text,) = server.kept()
    assert "DTSTART:20320506T080000Z" in text


def test_a_change_taken_back_waits_for_the_yes_that_was_not_given(talk: Talk, runtime: Runtime) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    talk.say("make it 12", NOON)
    talk.say("undo that", follow("undo", "calendar.add"))
    assert runtime.outbox.get(str(first.call.outbox_id)).state is State.WAITING_APPROVAL


def test_a_copy_that_you_cancelled_yourself_stays_cancelled(talk: Talk, runtime: Runtime) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    runtime.outbox.cancel(str(first.call.outbox_id))
    talk.say("make it 12", NOON)
    talk.say("undo that", follow("undo", "calendar.add"))
    assert runtime.outbox.get(str(first.call.outbox_id)).state is State.CANCELLED


def test_while_the_copy_is_being_sent_nothing_is_changed(talk: Talk, runtime: Runtime) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    assert Leases(runtime.connection, time.time).lease("me", "caldav:home", "key")
    moved = talk.say("make it 12", NOON)
    assert moved.call.status is CallStatus.REFUSED
    assert "being sent at this moment" in moved.text
    (event,) = runtime.library.events()
    assert event.data["starts_at"] == 1_967_443_200_000, "10 o'clock in Berlin, still"
    (item,) = runtime.outbox.list()
    assert item.id == first.call.outbox_id


def test_nor_by_a_yes_that_comes_while_it_is_being_sent(talk: Talk, runtime: Runtime) -> None:
    first = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    runtime.change_settings({'tools."calendar.*"': "ask"})
    moved = talk.say("make it 12", NOON)
    assert moved.call.status is CallStatus.PROPOSED
    assert Leases(runtime.connection, time.time).lease("me", "caldav:home", "key")
    decided = runtime.decide_proposal(moved.call, accept=True)
    assert decided.status is CallStatus.FAILED
    assert "being sent at this moment" in decided.result
    (event,) = runtime.library.events()
    assert event.data["starts_at"] == 1_967_443_200_000, "10 o'clock in Berlin, still"
    assert runtime.conversations.call(moved.call.id).status is CallStatus.FAILED
    assert [item.id for item in runtime.outbox.list()] == [first.call.outbox_id]


def test_taken_back_before_it_left_nothing_goes(talk: Talk, runtime: Runtime) -> None:
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert undone.call.status is CallStatus.UNDONE
    assert runtime.library.events() == ()
    assert runtime.outbox.get(str(made.call.outbox_id)).state is State.CANCELLED


def test_taken_back_after_it_left_the_copy_goes_after_a_yes(
    talk: Talk, runtime: Runtime, server: CalendarServer
) -> None:
    talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    runtime.flush()
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert "goes too, after your yes" in undone.text
    assert runtime.library.events() == ()
    item = runtime.outbox.get(str(undone.call.outbox_id))
    assert (item.state, item.sentence[:14]) == (State.WAITING_APPROVAL, "Take out again")
    runtime.flush()
    assert len(server.kept()) == 1
    with pytest.raises(BadRequestError):
        runtime.edit_item(item.id, {"when": "today"})
    runtime.outbox.approve(item.id)
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED, delivered.last_error
    assert server.kept() == []


def test_a_change_of_a_change_still_follows_what_was_sent(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    runtime.flush()
    for hour in ("12", "14"):
        moved = talk.say(f"{hour}", follow("amend", "calendar.add", title="Dentist", when=f"6 May 2032 at {hour}"))
    runtime.outbox.approve(str(moved.call.outbox_id))
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED, delivered.last_error
    (text,) = server.kept()
    assert "DTSTART:20320506T120000Z" in text


def test_a_slot_that_was_taken_meanwhile_is_a_conflict_with_both_sides(
    talk: Talk, runtime: Runtime, server: CalendarServer
) -> None:
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    server.put_in("elsewhere", "Board meeting", ":20320506T083000Z", ":20320506T093000Z")
    (stopped,) = runtime.flush()
    assert stopped.state is State.CONFLICT
    assert stopped.conflict is not None
    assert (stopped.conflict["then"], stopped.conflict["now"]) == (
        "free when you decided", "Board meeting, 2032-05-06 10:30 to 11:30",
    )  # fmt: skip
    assert len(server.kept()) == 1
    edited = runtime.edit_item(str(made.call.outbox_id), {"when": "6 May 2032 at 15"})
    assert (edited.state, edited.payload["starts"]) == (State.WAITING_APPROVAL, "2032-05-06T15:00:00+02:00")
    assert len(runtime.library.events()) == 1, "the appointment here moved, too"
    runtime.outbox.approve(edited.id)
    runtime.flush()
    assert len(server.kept()) == 2


def test_sent_all_the_same_it_stands_beside_the_other(talk: Talk, runtime: Runtime, server: CalendarServer) -> None:
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True)
    server.put_in("elsewhere", "Board meeting", ":20320506T083000Z", ":20320506T093000Z")
    runtime.flush()
    runtime.outbox.resolve(str(made.call.outbox_id), "send")
    (delivered,) = runtime.flush()
    assert delivered.state is State.DELIVERED, delivered.last_error
    assert len(server.kept()) == 2


def test_a_yes_to_a_proposal_is_no_yes_to_its_copy(talk: Talk, runtime: Runtime) -> None:
    runtime.change_settings({'tools."calendar.*"': "ask"})
    proposed = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    assert proposed.call.status is CallStatus.PROPOSED
    done = runtime.decide_proposal(proposed.call, accept=True)
    assert done.status is CallStatus.DONE
    (item,) = runtime.outbox.list()
    assert item.state is State.WAITING_APPROVAL


def test_a_rule_of_yours_decides_whether_it_asks(talk: Talk, runtime: Runtime) -> None:
    runtime.change_settings({'tools."calendar.*"': "allow"})
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    assert runtime.outbox.get(str(made.call.outbox_id)).state is State.QUEUED
    assert "leaves for the calendar home" in made.text


def test_without_a_calendar_elsewhere_nothing_is_queued(talk: Talk, runtime: Runtime) -> None:
    runtime.agentrc.file.write_text('schema = 1\ntimezone = "Europe/Berlin"\n')
    runtime.agentrc.load()
    made = talk.say("dentist on 6 May 2032 at 10", DENTIST)
    assert made.call.outbox_id is None
    assert runtime.outbox.counts() == {}
