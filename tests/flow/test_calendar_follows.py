"""What is renamed, moved or deleted in the library reaches the copy in a real calendar, in order, and never twice."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol import commands, events
from agent.runtime import Runtime
from agent.session.handling import Session
from sync.item import Item
from sync.leases import Leases
from sync.states import State
from sync.transports.appointment import read
from sync.transports.caldav import CalDav
from sync.transports.dav import DavAccount
from sync.transports.outcomes import RetryableError, UncertainError
from tests.flow.talking import Growing, Talk, called, follow
from tests.sim.calendar_server import CalendarServer

SETTINGS = """schema = 1
timezone = "Europe/Berlin"
[tools]
"calendar.*" = "{rule}"
[accounts.home]
kind = "caldav"
url = "{url}"
user = "me"
secret = "env:CALENDAR_PASSWORD"
"""
DENTIST = called("calendar.add", title="Dentist", when="6 May 2032 at 10")
NOON = follow("amend", "calendar.add", title="Dentist", when="6 May 2032 at 12")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with CalendarServer(tmp_path_factory.mktemp("radicale"), password="pw") as server:
        yield server


@pytest.fixture
def server(running: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> CalendarServer:
    monkeypatch.setenv("CALENDAR_PASSWORD", "pw")
    running.empty()
    return running


@pytest.fixture
def rule() -> str:
    return "allow"


@pytest.fixture
def runtime(paths: Paths, model: Growing, server: CalendarServer, rule: str) -> Iterator[Runtime]:
    paths.agentrc.write_text(SETTINGS.format(url=server.url, rule=rule))
    with build(paths, environ={}, starter=model) as opened:
        yield opened


class Desk:
    """The library room of a window."""

    def __init__(self, runtime: Runtime) -> None:
        self._session = Session(runtime)
        self._runtime = runtime

    def rename(self, artifact_id: str, title: str) -> list[Item]:
        return self._do(commands.SaveArtifact(artifact_id=artifact_id, title=title, text="", based_on=1))

    def trash(self, artifact_id: str) -> list[Item]:
        return self._do(commands.TrashArtifact(artifact_id=artifact_id))

    def take_out(self, artifact_id: str) -> list[Item]:
        return self._do(commands.TrashArtifact(artifact_id=artifact_id, restore=True))

    def move(self, artifact_id: str, hours: int) -> Item | None:
        """Nothing in the window moves one yet; another laptop can."""
        event = self._runtime.library.get(artifact_id)
        starts, ends = (int(event.data[name]) + hours * 3_600_000 for name in ("starts_at", "ends_at"))
        moved = self._runtime.library.move_event(artifact_id, starts, ends, zone="Europe/Berlin")
        return self._runtime.follow(moved)

    def _do(self, command: commands.Command) -> list[Item]:
        told = list(self._session.handle(command))
        assert not [event for event in told if isinstance(event, events.Failed)]
        return [event.item for event in told if isinstance(event, events.ItemChanged)]


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    return Desk(runtime)


@pytest.fixture
def dentist(talk: Talk) -> str:
    return str(talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True).call.artifact_id)


@pytest.fixture
def sent(dentist: str, runtime: Runtime) -> str:
    runtime.flush()
    return dentist


def only(server: CalendarServer) -> str:
    (text,) = server.kept()
    return text


def states(runtime: Runtime) -> list[State]:
    return [item.state for item in runtime.outbox.list()]


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


def doubt(runtime: Runtime, server: CalendarServer, *, arrived: bool) -> Item:
    """Nobody knows whether the first copy arrived."""
    if arrived:
        runtime.flush()
    (item,) = runtime.outbox.list()
    runtime.connection.execute(
        "UPDATE outbox_item SET state = 'unknown', receipt = NULL, uncertain_since = 1, offers = 1, attempts = 1,"
        " mode = 'query'"
    )
    return item


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


def test_one_that_was_put_off_gives_its_place_to_another(desk: Desk, runtime: Runtime, dentist: str) -> None:
    leases = Leases(runtime.connection, time.time)
    leased = leases.lease("me", "caldav:home", "query")
    assert leased
    leases.offer(leased, "me")
    leases.settle(leased, "me", RetryableError("Later.", after_s=3_600))
    (item,) = desk.rename(dentist, "Other")
    assert states(runtime) == [State.CANCELLED, State.QUEUED]
    assert runtime.outbox.newest(leased.id).id == item.id, "the card of the call shows it"
    assert item.held_until > time.time() * 1_000, "the pause is the destination's"
    assert item.payload["title"] == "Other"


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


@pytest.mark.parametrize("seed", [13, 19, 26, 33, 36, 42])
def test_whatever_is_said_and_done_in_whatever_order_both_end_alike(
    talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str, seed: int
) -> None:
    """Answers are lost now and then; nobody else writes there, so there is never a conflict."""
    chance = random.Random(seed)
    for _ in range(22):
        step(chance, talk, desk, runtime, server, dentist)
    for _ in range(12):
        for item in runtime.outbox.list((State.WAITING_APPROVAL,)):
            runtime.outbox.approve(item.id)
        runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0, held_until = 0")
        runtime.flush()
    assert set(states(runtime)) <= {State.DELIVERED, State.CANCELLED}
    assert said_there(server) == set().union(
        *(said_here(runtime, str(item.payload["artifact"])) for item in runtime.outbox.list())
    )


def step(chance: random.Random, talk: Talk, desk: Desk, runtime: Runtime, server: CalendarServer, dentist: str) -> None:
    here = runtime.library.get(dentist).trashed_at is None
    match chance.choice(["rename", "move", "trash", "deliver", "lose", "amend", "undo"]):
        case "rename" if here:
            desk.rename(dentist, chance.choice(["A", "B", "C"]))
        case "move" if here:
            desk.move(dentist, chance.choice([-1, 1, 2]))
        case "trash":
            (desk.trash if here else desk.take_out)(dentist)
        case "deliver":
            runtime.flush()
        case "lose":
            lose_an_answer(runtime, server)
        case "amend" if here:
            when = f"6 May 2032 at {chance.choice(['12', '14'])}"
            said = follow("amend", "calendar.add", title=chance.choice(["D", "E"]), when=when)
            talk.say(when, said, approve=True)
        case "undo":
            talk.say("undo that", follow("undo", "calendar.add"))


def lose_an_answer(runtime: Runtime, server: CalendarServer) -> None:
    """What goes next arrives, and nobody hears of it."""
    leases = Leases(runtime.connection, time.time)
    runtime.connection.execute("UPDATE outbox_item SET next_attempt_at = 0, held_until = 0")
    item = leases.lease("me", "caldav:home", "query")
    if item is None:
        return
    if item.uncertain_since is None:
        CalDav(DavAccount("home", server.url, "me", "pw")).deliver(item, lambda: leases.offer(item, "me"))
    leases.settle(item, "me", UncertainError("The line went dead."))


def said_there(server: CalendarServer) -> set[tuple[str, str]]:
    return {(seen.title, f"{seen.starts:%Y%m%dT%H%M%SZ}") for text in server.kept() for seen in read(text)}


def said_here(runtime: Runtime, artifact_id: str) -> set[tuple[str, str]]:
    event = runtime.library.get(artifact_id)
    starts = datetime.fromtimestamp(event.data["starts_at"] / 1_000, UTC)
    return {(event.title, f"{starts:%Y%m%dT%H%M%SZ}")} if event.trashed_at is None else set()


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
