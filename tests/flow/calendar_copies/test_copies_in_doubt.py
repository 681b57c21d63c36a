"""A copy of which nobody knows whether it arrived: what follows it waits, and never comes twice."""

import time

import pytest

from agent.runtime import Runtime
from sync.leases import Leases
from sync.states import State
from tests.flow.calendar_copies.desk import NOON, Desk, doubt, only, states
from tests.flow.talking import Talk, follow
from tests.sim.calendar_server import CalendarServer


@pytest.mark.parametrize("arrived", [True, False])
def test_behind_a_copy_of_which_nobody_knows_the_change_waits(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str, arrived: bool
) -> None:
    first = doubt(runtime, server, arrived=arrived)
    (item,) = desk.rename(dentist, "Other")
    assert (item.waits_for, runtime.outbox.get(first.id).state) == (1, State.UNKNOWN)
    assert runtime.flush() == ()
    runtime.outbox.resolve(first.id, "retry")
    runtime.flush()
    runtime.flush()
    assert states(runtime) == [State.DELIVERED] * 2
    assert "SUMMARY:Other" in only(server)


def test_by_the_user_s_word_that_it_arrived_the_change_finds_it(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str
) -> None:
    first = doubt(runtime, server, arrived=True)
    desk.rename(dentist, "Other")
    runtime.outbox.resolve(first.id, "delivered")
    runtime.flush()
    assert "SUMMARY:Other" in only(server)


def test_by_a_word_that_is_wrong_nothing_is_made_there_unasked(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str
) -> None:
    first = doubt(runtime, server, arrived=False)
    (item,) = desk.rename(dentist, "Other")
    runtime.outbox.resolve(first.id, "delivered")
    runtime.flush()
    stopped = runtime.outbox.get(item.id)
    assert (stopped.state, (stopped.conflict or {})["now"]) == (State.CONFLICT, "no longer there")
    runtime.outbox.resolve(item.id, "send")
    runtime.flush()
    assert "SUMMARY:Other" in only(server)


def test_a_change_that_is_said_does_not_cancel_it_either(
    talk: Talk, runtime: Runtime, server: CalendarServer, dentist: str
) -> None:
    first = doubt(runtime, server, arrived=True)
    moved = talk.say("make it 12", NOON, approve=True)
    assert runtime.outbox.get(first.id).state is State.UNKNOWN
    assert runtime.outbox.get(str(moved.call.outbox_id)).waits_for == 1
    runtime.outbox.resolve(first.id, "retry")
    runtime.flush()
    runtime.flush()
    assert "DTSTART:20320506T100000Z" in only(server)


def test_behind_one_that_is_being_sent_it_waits(desk: Desk, runtime: Runtime, dentist: str) -> None:
    assert Leases(runtime.connection, time.time).lease("me", "caldav:home", "query")
    (item,) = desk.trash(dentist)
    assert item.waits_for == 1
    assert states(runtime) == [State.SENDING, State.QUEUED]


@pytest.mark.parametrize("arrived", [True, False])
def test_taken_back_while_nobody_knows_it_is_taken_out_once_that_is_known(
    talk: Talk, runtime: Runtime, server: CalendarServer, dentist: str, arrived: bool
) -> None:
    first = doubt(runtime, server, arrived=arrived)
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert runtime.outbox.get(str(undone.call.outbox_id)).waits_for == 1
    runtime.outbox.resolve(first.id, "retry")
    runtime.flush()
    runtime.flush()
    assert server.kept() == []
    assert states(runtime) == [State.DELIVERED] * 2


@pytest.mark.parametrize("arrived", [True, False])
def test_a_doubt_that_is_let_go_is_no_end_for_what_waits_behind_it(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str, arrived: bool
) -> None:
    first = doubt(runtime, server, arrived=arrived)
    (removal,) = desk.trash(dentist)
    runtime.outbox.resolve(first.id, "cancel")
    told = runtime.outbox.get(removal.id).last_error or ""
    assert f"carryon outbox free {removal.id[:8]}" in told
    runtime.outbox.let_go(removal.id)
    runtime.flush()
    assert runtime.outbox.get(removal.id).state is State.DELIVERED
    assert server.kept() == []
