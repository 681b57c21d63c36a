"""The room of servers, over a real profile and a real server: asked beside the talk, answered from any thread."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.loop.ports import Request
from agent.mcp.handlers import Field, Question
from agent.paths import Paths
from agent.protocol.commands import Command, LoadSettings
from agent.protocol.events import Event, Failed, SettingsLoaded
from agent.protocol.server_commands import AnswerServer, ListServers, RefreshServer, SayClasses, SwitchServer
from agent.protocol.server_events import ServerAsked, ServerProgressed, ServerQuestionClosed, ServersListed
from agent.protocol.server_records import ServerView
from agent.runtime import Runtime
from agent.session import servers
from agent.session.handling import Session
from agent.session.lane import WAITING_MAX
from agent.session.opening import open_session
from agent.session.server_questions import ServerQuestions
from agent.tools.context import ToolContext
from tests.unit.agent.mcp.profiles import workshop
from tests.unit.agent.session.telling import SECONDS_MAX, Told


def asked_of(told: Told) -> Question:
    event = told.first(lambda event: isinstance(event, ServerAsked))
    assert isinstance(event, ServerAsked)
    return event.question


class Room:
    def __init__(self, session: Session, told: Told) -> None:
        self.session, self.told = session, told

    def do(self, command: Command) -> list[Event]:
        return list(self.session.handle(command))

    def until(self, found: Callable[[], object]) -> None:
        """As the session's thread does: a look between commands."""
        end = time.monotonic() + SECONDS_MAX
        while not found():
            assert time.monotonic() < end, self.told
            threading.Event().wait(min(self.session.tick(), 0.05))

    def server(self, command: Command | None = None) -> ServerView:
        (listed,) = [event for event in self.do(command or ListServers()) if isinstance(event, ServersListed)]
        (shown,) = listed.servers
        return shown

    def refreshed(self, *, update: bool = False) -> ServerView:
        before = len(self.told)
        busy = self.server(RefreshServer(name="workshop", update=update))
        assert busy.busy == "is asked what it has"
        self.until(lambda: any(isinstance(event, ServersListed) for event in self.told[before:]))
        return self.server()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    paths = Paths.of({"CARRYON_HOME": str(tmp_path / "home"), "AGENTRC": str(tmp_path / "rc")})
    paths.agentrc.write_text(workshop(WORDS=str(tmp_path / "words")))
    told = Told()
    with open_session(paths, told.append, offline=True) as session:
        yield Room(session, told)


def test_a_server_is_asked_beside_the_conversation_and_its_tools_are_agreed_to(room: Room) -> None:
    shown = room.server()
    assert ("refresh workshop" in shown.trouble, shown.tools) == (True, ())
    shown = room.refreshed()
    assert (shown.trouble, shown.busy, shown.version) == ("", "", "workshop 1.0")
    assert {tool.tool: tool.suggested.connectivity for tool in shown.tools}["publish"] == "deferrable"
    say = SayClasses(
        name="workshop", said={tool.tool: {} for tool in shown.tools},
        looked_at={tool.tool: tool.digest for tool in shown.tools},
    )  # fmt: skip
    shown = room.server(say)
    assert [tool.why for tool in shown.tools] == [""] * 6
    assert room.session.runtime.registry.has("workshop.publish")
    assert [event for event in room.told if isinstance(event, Failed)] == []
    (settings,) = [event for event in room.do(LoadSettings()) if isinstance(event, SettingsLoaded)]
    assert "[servers.workshop.tools]" in settings.text


def test_no_other_declaration_is_agreed_to_than_the_one_on_the_screen(room: Room, tmp_path: Path) -> None:
    shown = room.refreshed()
    looked_at = {tool.tool: tool.digest for tool in shown.tools}
    (tmp_path / "words").write_text("Publishes everything.")
    room.session.runtime.servers.front.lines.hang_up("workshop")
    room.refreshed()
    with pytest.raises(Exception, match="look at it again"):
        room.do(SayClasses(name="workshop", said={"publish": {}}, looked_at=looked_at))
    assert not room.session.runtime.registry.has("workshop.publish")


def test_a_server_that_says_that_its_tools_changed_is_asked_again(room: Room, tmp_path: Path) -> None:
    room.refreshed()
    (tmp_path / "words").write_text("Publishes everything.\u202e")
    before = len(room.told)
    room.session.runtime.servers.front.lines.hang_up("workshop")
    room.session.runtime.servers.front.lines.handlers.tools_changed("workshop")
    room.until(lambda: any(isinstance(event, ServersListed) for event in room.told[before:]))
    abouts = {tool.tool: tool.about for tool in room.server().tools}
    assert abouts["publish"] == "Publishes everything.\ufffd"


class Held:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def run(self) -> None:
        self.begun.set()
        self.let_go.wait(SECONDS_MAX)

    def stop(self) -> None:
        self.let_go.set()


def test_where_the_line_is_full_what_changed_is_asked_about_later(room: Room) -> None:
    lane, held = room.session._servers._lane, Held()  # type: ignore[union-attr]
    assert lane.put(held)
    assert held.begun.wait(SECONDS_MAX)
    while lane.put(held):
        pass
    room.session.runtime.servers.front.lines.handlers.tools_changed("workshop")
    for _ in range(2):
        room.session.tick()
    assert room.server().busy == ""
    held.let_go.set()
    room.until(lambda: room.server().tools)
    assert WAITING_MAX < 50, "fewer wait than may be declared"


def test_a_server_that_always_says_that_its_tools_changed_is_asked_now_and_then(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = room.session.runtime.servers.front.lines.handlers.tools_changed
    changed("workshop")
    room.session.tick()
    assert room.server().busy
    room.until(lambda: not room.server().busy)
    changed("workshop")
    assert 0 < room.session.tick() <= servers.CHANGED_REST_S
    assert not room.server().busy
    monkeypatch.setattr(servers, "CHANGED_REST_S", 0.0)
    room.session.tick()
    assert room.server().busy, "not forgotten"


def test_it_is_switched_off_and_on(room: Room) -> None:
    room.refreshed()
    shown = room.server(SwitchServer(name="workshop", on=False))
    assert (shown.enabled, "switched off" in shown.trouble) == (False, True)
    assert room.server(SwitchServer(name="workshop", on=True)).enabled


def test_what_went_wrong_is_told(room: Room) -> None:
    room.session.runtime.change_settings({"servers.workshop.command": ["/no/such/program"]})
    room.do(RefreshServer(name="workshop"))
    room.until(lambda: any(isinstance(event, Failed) for event in room.told))
    assert room.server().busy == ""


def waited_for(runtime: Runtime, said: str) -> ToolContext:
    return replace(runtime.context(Request(said), "", "", "c"), begin=lambda: None)


def test_a_question_waits_for_the_user_whose_answer_comes_from_another_thread(room: Room) -> None:
    shown = room.refreshed()
    digest = next(tool.digest for tool in shown.tools if tool.tool == "greet")
    room.do(SayClasses(name="workshop", said={"greet": {"class": "local"}}, looked_at={"greet": digest}))
    answered = threading.Thread(target=answer_when_asked, args=(room,))
    answered.start()
    runtime = room.session.runtime
    result = runtime.registry.call("workshop.greet", {}, waited_for(runtime, "greet"))
    answered.join(SECONDS_MAX)
    assert json.loads(result.facts["text"]) == ["greet", {"answer": "accept", "name": "Dana"}]  # type: ignore[union-attr]
    (asked,) = [event.question for event in room.told if isinstance(event, ServerAsked)]
    assert (asked.server, asked.text, [field.name for field in asked.fields]) == ("workshop", "Who are you?", ["name"])
    assert any(isinstance(event, ServerQuestionClosed) for event in room.told)


def test_how_far_a_call_is_is_told(room: Room) -> None:
    hostile = Path(__file__).parents[3] / "mcp_servers" / "hostile.py"
    runtime = room.session.runtime
    runtime.change_settings({"servers.workshop.command": [sys.executable, str(hostile), "good"]})
    shown = room.refreshed()
    digest = next(tool.digest for tool in shown.tools if tool.tool == "progress")
    room.do(SayClasses(name="workshop", said={"progress": {"class": "local"}}, looked_at={"progress": digest}))
    runtime.registry.call("workshop.progress", {}, waited_for(runtime, "go on"))
    told = [event for event in room.told if isinstance(event, ServerProgressed)]
    assert told
    assert {event.server for event in told} == {"workshop"}


def answer_when_asked(room: Room) -> None:
    asked = asked_of(room.told)
    room.session.answer(AnswerServer(question_id=asked.id, values={"name": "Dana"}))


NAME = Field("name", "text", required=True)
FIELDS = (NAME, Field("age", "whole"), Field("weight", "number"), Field("sure", "yes_no"))


def asking(questions: ServerQuestions, found: list[object]) -> threading.Thread:
    """As a server does, on a thread of its own."""
    thread = threading.Thread(target=lambda: found.append(questions.ask(Question("s", "Who?", FIELDS))))
    thread.start()
    return thread


def test_texts_become_the_kinds_that_were_asked_for() -> None:
    told, found = Told(), []
    questions = ServerQuestions(told.append)
    thread = asking(questions, found)
    answer = {"name": "Dana", "age": "41", "weight": "", "sure": "Yes"}
    questions.answer(asked_of(told).id, answer)
    thread.join(SECONDS_MAX)
    assert found == [{"name": "Dana", "age": 41, "sure": True}]


def test_what_is_unseen_in_a_choice_is_shown_and_the_server_gets_its_own_back() -> None:
    told, found = Told(), []
    questions = ServerQuestions(told.append)
    fields = (
        Field("where", "choice", choices=("live\u202e", "test", "live\u202d"), default="live\u202d"),
        Field("note", "text", default="so\u200bso"),
    )
    thread = threading.Thread(target=lambda: found.append(questions.ask(Question("s", "Where?", fields))))
    thread.start()
    question = asked_of(told)
    where, note = question.fields
    assert where.choices == ("live\ufffd", "test", "live\ufffd (3)")
    assert (where.default, note.default) == ("live\ufffd (3)", "so\ufffdso")
    questions.answer(question.id, {"where": where.choices[0], "note": note.default})
    thread.join(SECONDS_MAX)
    assert found == [{"where": "live\u202e", "note": "so\u200bso"}]


def test_no_answer_is_a_no_and_so_is_a_stop() -> None:
    told, found = Told(), []
    assert ServerQuestions(told.append, seconds_max=0.05).ask(Question("s", "Who?", FIELDS)) is None
    assert isinstance(told[-1], ServerQuestionClosed)
    told = Told()
    questions = ServerQuestions(told.append)
    thread = asking(questions, found)
    asked_of(told)
    questions.decline_all()
    thread.join(SECONDS_MAX)
    assert found == [None]
