"""A line to a server that behaves: tools, resources, prompts, progress, questions, folders."""

import json
import os
import threading
from pathlib import Path

import pytest

from agent.mcp.digests import declaration_digest
from agent.mcp.errors import CallRefusedError, ServerMissingError, ServerUnreachableError, ToolChangedError
from agent.mcp.handlers import Answer, Handlers, Question
from agent.mcp.outcomes import Link, Picture, Sound, Step
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from tests.unit.agent.mcp.conftest import Open, hostile


def test_nothing_is_started_before_the_first_question(line: Line) -> None:
    assert (line.state, line.starts) == ("stopped", 0)
    assert line.call("echo", {"text": "grüße"}).text == "grüße"
    assert (line.state, line.starts) == ("running", 1)
    assert line.call("echo", {"text": "2"}).text == "2"
    assert line.starts == 1


def test_everything_it_has_is_listed(line: Line) -> None:
    found = line.list()
    echo = next(tool for tool in found.tools if tool.name == "echo")
    assert (echo.about, echo.schema["type"]) == ("echo, of old", "object")
    assert found.version == "hostile 6.6"
    assert [(one.uri, one.is_template) for one in found.resources] == [("note://one", False), ("note://{name}", True)]
    assert found.prompts[0].arguments == (("whom", "To whom", True),)


def test_resources_and_prompts_are_read(line: Line) -> None:
    assert line.read("note://one").text == "the note note://one"
    (passage,) = line.prompt("greet", {"whom": "Dana"})
    assert (passage.role, passage.outcome.text) == ("user", "Greet Dana")


def test_a_result_is_taken_apart_and_what_is_not_understood_is_said_to_be_left_out(line: Line) -> None:
    found = line.call("mixed", {})
    assert found.text == "see\ninside"
    assert found.pictures == (Picture("image/png", b"\x89PNG\r\n\x1a\n"),)
    assert found.links == (Link("https://example.org/7", "seven"),)
    assert found.sounds == (Sound("audio/wav", b"\0\0\0"),)
    assert found.cut, "the broken picture is left out"


def test_a_failure_of_the_tool_is_its_answer(line: Line) -> None:
    found = line.call("fail", {})
    assert (found.failed, found.text) == (True, "the disk is full")
    with pytest.raises(CallRefusedError, match="I will not"):
        line.call("refuse", {})
    assert line.call("echo", {"text": "on"}).text == "on"
    assert line.starts == 1


def test_progress_is_told_on_the_callers_thread(line: Line) -> None:
    told: list[tuple[Step, int]] = []
    found = line.call("progress", {}, progress=lambda step: told.append((step, threading.get_ident())))
    assert found.text == "done"
    assert [step for step, _ in told] == [Step(0.25, "step 1"), Step(0.5, "step 2"), Step(0.75, "step 3")]
    assert {thread for _, thread in told} == {threading.get_ident()}


def test_a_question_reaches_the_user_and_the_answer_the_server(lines: Open) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return {"colour": "blue", "count": 3, "unknown": "left out"}

    reply = json.loads(lines(handlers=Handlers(ask=answer)).call("ask_user", {}).text)
    assert reply == {"action": "accept", "content": {"colour": "blue", "count": 3}}
    assert (asked[0].server, asked[0].text) == ("hostile", "Which colour?")
    assert [(one.name, one.kind, one.required, one.choices) for one in asked[0].fields] == [
        ("colour", "choice", True, ("red", "blue")), ("count", "whole", False, ()),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [None, {}, {"colour": "green"}, {"colour": "red", "count": "three"}])
def test_an_answer_that_does_not_fit_is_a_no(lines: Open, answer: Answer | None) -> None:
    line = lines(handlers=Handlers(ask=lambda _question: answer))
    assert json.loads(line.call("ask_user", {}).text) == {"action": "decline"}


def test_a_server_that_knows_only_the_newest_protocol(lines: Open) -> None:
    line = lines(hostile("modern"), Handlers(ask=lambda _question: {"colour": "blue"}))
    found = line.list()
    assert (found.instructions, found.tools[0].name, found.resources) == ("be modern", "echo", ())
    assert json.loads(line.call("echo", {"text": "x"}).text) == [{"text": "x"}, None]
    reply, state = json.loads(line.call("ask_user", {}).text)
    assert (reply["action"], reply["content"], state) == ("accept", {"colour": "blue"}, "kept")


def test_folders_are_named_and_nothing_else(lines: Open, tmp_path: Path) -> None:
    found = json.loads(lines(hostile(roots=(tmp_path,))).call("roots", {}).text)
    assert found == {"roots": [{"uri": tmp_path.as_uri(), "name": tmp_path.name}]}


def test_our_secrets_stay_here(lines: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRYON_HOME", "/secret/home")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_stolen")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stolen")
    entry = hostile(TOKEN="keyring:mine", PLAIN="yes")
    line = lines(entry, Handlers(reveal=lambda text: "revealed" if text == "keyring:mine" else text))
    found = json.loads(line.call("environment", {}).text)
    assert (found["TOKEN"], found["PLAIN"], found["PATH"]) == ("revealed", "yes", os.environ["PATH"])
    assert "stolen" not in json.dumps(found)
    assert "CARRYON_HOME" not in found


def test_a_tool_that_changed_is_not_used(line: Line) -> None:
    digest = declaration_digest(next(tool for tool in line.list().tools if tool.name == "echo"))
    assert line.call("echo", {"text": "1"}, digest=digest).text == "1"
    line.call("change", {})
    with pytest.raises(ToolChangedError, match="has changed since you looked at it") as caught:
        line.call("echo", {"text": "2"}, digest=digest)
    assert line.call("echo", {"text": "3"}, digest=caught.value.now).text == "3"
    with pytest.raises(ToolChangedError, match="is gone"):
        line.call("nothing", {}, digest=digest)


def test_a_change_that_is_announced_is_noted(lines: Open) -> None:
    noted: list[str] = []
    line = lines(handlers=Handlers(tools_changed=noted.append))
    line.call("change_aloud", {})
    line.call("echo", {"text": "x"})
    assert noted == ["hostile"]


def test_several_threads_share_a_line(line: Line) -> None:
    found: list[str] = []

    def many(word: str) -> None:
        found.extend(line.call("echo", {"text": f"{word}{number}"}).text for number in range(5))

    threads = [threading.Thread(target=many, args=(word,)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"{word}{number}" for word in "abcd" for number in range(5))
    assert line.starts == 1


def test_a_program_that_is_not_there_is_said_so(lines: Open) -> None:
    with pytest.raises(ServerMissingError, match=r"cannot be started: No such file") as caught:
        lines(ServerEntry("gone", ("/no/such/program",))).list()
    assert caught.value.todo


def test_a_closed_line_stays_closed(line: Line) -> None:
    line.call("echo", {"text": "x"})
    line.close()
    assert line.state == "closed"
    with pytest.raises(ServerUnreachableError, match="was closed"):
        line.call("echo", {"text": "x"})
