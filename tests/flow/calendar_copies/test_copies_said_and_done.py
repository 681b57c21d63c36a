"""What is said in a conversation and what is done in the library stand in one line."""

import pytest

from agent.paths import Paths
from agent.runtime import Runtime
from sync.states import State
from tests.flow.calendar_copies.desk import DENTIST, NOON, Desk, only, states
from tests.flow.talking import Talk, follow
from tests.sim.calendar_server import CalendarServer


def test_said_and_done_in_the_library_stand_in_one_line(
    talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    """What is said after a change in the library stands on that, not on the first copy."""
    desk.rename(sent, "Other")
    runtime.flush()
    talk.say("make it 12", NOON, approve=True)
    runtime.flush()
    assert "DTSTART:20320506T100000Z" in only(server)
    assert states(runtime) == [State.DELIVERED] * 3


def test_a_change_that_was_sent_is_changed_back_there_too(
    talk: Talk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    talk.say("make it 12", NOON, approve=True)
    runtime.flush()
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert "Its copy elsewhere follows" in undone.text
    assert runtime.outbox.get(str(undone.call.outbox_id)).state is State.QUEUED
    runtime.flush()
    assert "DTSTART:20320506T080000Z" in only(server)


def test_taken_back_after_a_change_in_the_library_it_goes_as_it_stands_there(
    talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    desk.rename(sent, "Other")
    runtime.flush()
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert "follows" in undone.text
    runtime.flush()
    assert server.kept() == []


@pytest.mark.parametrize("rule", ["deny"])
def test_where_nothing_may_follow_it_is_said_that_the_copy_stays(
    talk: Talk, runtime: Runtime, server: CalendarServer, paths: Paths
) -> None:
    runtime.change_settings({'tools."calendar.*"': "allow"})
    talk.say("dentist on 6 May 2032 at 10", DENTIST)
    talk.say("make it 12", NOON)
    runtime.flush()
    runtime.change_settings({'tools."calendar.*"': "deny"})
    undone = talk.say("undo that", follow("undo", "calendar.add"))
    assert "has left already and stays there" in undone.text
