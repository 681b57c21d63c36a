"""What is renamed, moved or deleted in the library reaches the copy in a real calendar, in order, and never twice."""

import time

import pytest

from agent.loop.ports import Request
from agent.runtime import Runtime
from sync.states import State
from tests.flow.calendar_copies.desk import Desk, only, states
from tests.sim.calendar_server import CalendarServer


def test_a_new_name_and_time_follow_it_under_the_same_uid(
    desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    (item,) = desk.rename(sent, "Dentist, upstairs")
    assert item.state is State.QUEUED
    assert item.conversation_id, "where the appointment comes from"
    assert item.args == {"title": "Dentist, upstairs", "when": "6 May 2032 at 10"}
    runtime.flush()
    assert r"SUMMARY:Dentist\, upstairs" in only(server)
    assert f"UID:{sent}@carryon" in only(server)
    desk.move(sent, 2)
    runtime.flush()
    assert "DTSTART:20320506T100000Z" in only(server)
    assert states(runtime) == [State.DELIVERED] * 3


def test_deleted_here_it_is_taken_out_there(desk: Desk, runtime: Runtime, server: CalendarServer, sent: str) -> None:
    (item,) = desk.trash(sent)
    assert item.sentence == "Take the appointment “Dentist” out of the calendar home"
    runtime.flush()
    assert server.kept() == []
    (again,) = desk.take_out(sent)
    runtime.flush()
    assert runtime.outbox.get(again.id).state is State.DELIVERED
    assert "SUMMARY:Dentist" in only(server)


@pytest.mark.parametrize("rule", ["ask"])
def test_under_a_rule_that_asks_each_waits_for_a_yes(
    desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    (item,) = desk.trash(sent)
    assert item.state is State.WAITING_APPROVAL
    runtime.flush()
    assert len(server.kept()) == 1
    runtime.outbox.approve(item.id)
    runtime.flush()
    assert server.kept() == []


def test_under_a_rule_that_denies_nothing_leaves(desk: Desk, runtime: Runtime, sent: str) -> None:
    runtime.change_settings({'tools."calendar.*"': "deny"})
    assert desk.rename(sent, "Other") == []


def test_while_the_first_copy_waits_it_is_changed_in_its_place(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str
) -> None:
    (first,) = runtime.outbox.list()
    (item,) = desk.rename(dentist, "Other")
    desk.move(dentist, 1)
    assert item.id == first.id
    runtime.flush()
    assert states(runtime) == [State.DELIVERED]
    assert "SUMMARY:Other" in only(server)
    assert "DTSTART:20320506T090000Z" in only(server)


def test_deleted_before_it_left_nothing_goes_and_taken_out_again_it_does(
    desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str
) -> None:
    (item,) = desk.trash(dentist)
    assert item.state is State.CANCELLED
    (back,) = desk.take_out(dentist)
    assert (back.id, back.state) == (item.id, State.QUEUED)
    runtime.flush()
    assert "SUMMARY:Dentist" in only(server)


def test_a_copy_that_the_user_took_back_is_not_sent_for_a_change(desk: Desk, runtime: Runtime, dentist: str) -> None:
    (item,) = runtime.outbox.list()
    runtime.outbox.cancel(item.id)
    time.sleep(0.002)
    assert desk.rename(dentist, "Other") == []
    assert desk.trash(dentist) == []
    assert desk.take_out(dentist) == []
    assert states(runtime) == [State.CANCELLED]


@pytest.mark.parametrize("how", ["renamed back", "taken out of the trash"])
def test_undone_before_it_left_the_queued_item_is_taken_back(desk: Desk, runtime: Runtime, sent: str, how: str) -> None:
    (item,) = desk.rename(sent, "Other") if how == "renamed back" else desk.trash(sent)
    (undone,) = desk.rename(sent, "Dentist") if how == "renamed back" else desk.take_out(sent)
    assert (undone.id, undone.state) == (item.id, State.CANCELLED)
    assert runtime.flush() == ()


def test_a_waiting_change_becomes_the_removal_and_back(
    desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    (changed,) = desk.rename(sent, "Other")
    (removal,) = desk.trash(sent)
    (back,) = desk.take_out(sent)
    assert changed.id == removal.id == back.id
    assert removal.payload["gone"]
    runtime.flush()
    assert "SUMMARY:Other" in only(server)


def test_what_was_changed_there_meanwhile_is_a_conflict_with_both_sides(
    desk: Desk, runtime: Runtime, server: CalendarServer, sent: str
) -> None:
    server.put_in(f"{sent}@carryon", "Their dentist", ":20320506T080000Z", ":20320506T090000Z")
    (item,) = desk.rename(sent, "My dentist")
    runtime.flush()
    stopped = runtime.outbox.get(item.id)
    assert stopped.state is State.CONFLICT
    assert stopped.conflict is not None
    assert (stopped.conflict["then"], stopped.conflict["now"]) == (
        "as you last sent it", "Their dentist, 2032-05-06 10:00 to 11:00",
    )  # fmt: skip
    assert "SUMMARY:Their dentist" in only(server)
    (anew,) = desk.rename(sent, "Our dentist")
    assert anew.state is State.WAITING_APPROVAL
    runtime.outbox.approve(anew.id)
    runtime.flush()
    assert "SUMMARY:Our dentist" in only(server)


def test_so_is_a_removal_of_it(desk: Desk, runtime: Runtime, server: CalendarServer, sent: str) -> None:
    server.put_in(f"{sent}@carryon", "Their dentist", ":20320506T080000Z", ":20320506T090000Z")
    (item,) = desk.trash(sent)
    runtime.flush()
    assert runtime.outbox.get(item.id).state is State.CONFLICT
    runtime.outbox.resolve(item.id, "send")
    runtime.flush()
    assert server.kept() == []


def test_the_tag_is_not_needed(desk: Desk, runtime: Runtime, server: CalendarServer, sent: str) -> None:
    """Some servers tell none when something is put in."""
    runtime.connection.execute("UPDATE outbox_item SET receipt = json_set(receipt, '$.reference', 'in the calendar')")
    desk.rename(sent, "Other")
    runtime.flush()
    assert "SUMMARY:Other" in only(server)
    runtime.connection.execute("UPDATE outbox_item SET receipt = json_set(receipt, '$.reference', 'in the calendar')")
    desk.trash(sent)
    runtime.flush()
    assert server.kept() == []


def test_what_strangers_wrote_is_looked_at_first(desk: Desk, runtime: Runtime, sent: str) -> None:
    library = runtime.context(Request(""), "", "", "").library
    library.read_before = ("the page https://evil.example",)
    library.rename(sent, "Send money")
    (item,) = desk.trash(sent)
    assert (item.state, item.sources) == (State.WAITING_APPROVAL, ("the page https://evil.example",))


def test_other_work_and_appointments_without_a_copy_go_nowhere(desk: Desk, runtime: Runtime) -> None:
    note = runtime.library.create("note", "Dentist", "x")
    event = runtime.library.add_event("Walk", 0, 1)
    for artifact in (note, event):
        assert desk.rename(artifact.id, "Other") == []
        assert desk.trash(artifact.id) == []
    assert runtime.outbox.counts() == {}
