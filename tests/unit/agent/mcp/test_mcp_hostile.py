"""Servers that hang, crash, flood, lie and do not let go: each ends in one sentence, and harms nobody else."""

import json
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agent.mcp.errors import (
    CallCancelledError,
    CallRefusedError,
    McpError,
    ServerFailedError,
    ServerRestingError,
    ServerUnreachableError,
)
from agent.mcp.handlers import Answer, Handlers, Question
from agent.mcp.running.line import Line
from tests.unit.agent.mcp.conftest import QUICK, Open, hostile

SILENT = ("hang", "half", "wrong_id", "freeze")  # what only a time-out tells


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("die", "ended with code 7: out of cheese"),
        ("flood", "wrote more than 2,000 messages in 10 s"),
        ("endless", "wrote a message longer than 2 MB"),
        ("garbage", "writes what is no message|wrote more than 2,000 messages"),
        ("misanswer", "answered what is no answer to the question, at content"),
        ("hang", "did not answer in time"),
        ("half", "did not answer in time"),
        ("wrong_id", "It answered, but to a question that was never asked"),
        ("freeze", "did not answer in time"),
        ("pester", "wrote more than 2,000 messages|asks and|does not read"),
    ],
)
def test_a_fault_ends_in_one_sentence_and_the_next_call_works(lines: Open, tool: str, words: str) -> None:
    line, other = lines(hostile(timeout_s=0.7 if tool in SILENT else 30)), lines()
    assert other.call("echo", {"text": "mine"}).text == "mine"
    begun = time.monotonic()
    with pytest.raises(ServerFailedError, match=words) as caught:
        line.call(tool, {})
    assert time.monotonic() - begun < 15
    assert caught.value.where == "hostile"
    assert caught.value.todo
    assert other.call("echo", {"text": "still"}).text == "still"
    assert other.starts == 1
    assert echoes(line)


def echoes(line: Line) -> bool:
    """Works again, within the rest that a failure may cost."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            return line.call("echo", {"text": "again"}).text == "again"
        except McpError:
            threading.Event().wait(0.1)
    return False


@pytest.mark.parametrize("tool", ["complain", "noise", "nested"])
def test_what_only_looks_bad_is_suffered(line: Line, tool: str) -> None:
    assert line.call(tool, {}).text in ("complained", "after the noise", "still here")
    assert line.starts == 1


def test_a_log_is_bounded(lines: Open) -> None:
    said: list[str] = []
    lines(handlers=Handlers(log=lambda _level, text: said.append(text))).call("log", {})
    assert 1 <= len(said) <= 60
    assert max(map(len, said)) <= 500


def test_a_result_that_breaks_its_promise_is_left_out(line: Line) -> None:
    line.list()
    lied = line.call("lie", {})
    assert (lied.text, lied.structured) == ("looks fine", None)
    assert "id must be of the type integer" in lied.fault
    assert line.call("keep_word", {}).structured == {"id": 7}


@pytest.mark.parametrize("tool", ["huge_number", "odd_promise"])
def test_a_promise_or_a_result_that_is_odd_breaks_nothing(line: Line, tool: str) -> None:
    line.list()
    outcome = line.call(tool, {})
    assert (outcome.fault, line.starts) == ("", 1)
    assert outcome.structured


def test_what_has_no_name_of_its_own_is_left_out_and_counted(lines: Open) -> None:
    found = lines(hostile("nameless")).list()
    called = [tool.name for tool in found.tools]
    assert found.nameless == 5
    assert len(called) == len(set(called)) == len(lines().list().tools) - 5
    assert all(name.isprintable() and name for name in called)


def test_what_is_declared_wrongly_is_set_aside_with_why_and_harms_nothing_else(lines: Open) -> None:
    sloppy = lines(hostile("sloppy"))
    found, sound = sloppy.list(), lines().list()
    whys = {(one.kind, one.name): one.why for one in found.refused}
    assert {name for kind, name in whys if kind == "tool"} == {
        "hang", "freeze", "deaf", "number 7 of the list", "flood", "endless", "big", "echo", "number 1 of the list",
        f"number {len(sound.tools) + 2} of the list",
    }  # fmt: skip
    assert whys["tool", "freeze"] == "Its declaration lacks “inputSchema”, which the protocol wants."
    assert whys["tool", "hang"] == "“inputSchema.type” in its declaration is not what the protocol wants there."
    assert "longer than 200,000 characters" in whys["tool", "big"]
    assert whys["tool", "echo"] == "It cannot be used: 'text' is of the unknown type 5."
    left = {tool.name for tool in sound.tools} - {tool.name for tool in found.tools}
    assert left == {"hang", "freeze", "deaf", "die", "flood", "endless", "big", "echo"}
    assert [one.uri for one in found.resources] == ["note://one", "note://{name}"]
    assert {name for kind, name in whys if kind == "resource"} == {"nowhere", "odd", "shapeless"}
    assert [one.name for one in found.prompts] == ["greet"]
    assert {name for kind, name in whys if kind == "prompt"} == {"greedy", "number 3 of the list"}
    assert all(one.why.endswith(".") for one in found.refused)
    assert sloppy.call("keep_word", {}).structured == {"id": 7}
    assert (sloppy.starts, sloppy.list().refused) == (1, found.refused), "asked again, each is told once"


def test_an_error_of_its_own_is_no_closed_line(line: Line) -> None:
    """Many servers use -32000 for whatever went wrong."""
    begun = time.monotonic()
    line.call("echo", {"text": "x"})
    with pytest.raises(CallRefusedError, match="the till is closed"):
        line.call("refuse_oddly", {})
    assert time.monotonic() - begun < 3
    assert line.call("echo", {"text": "still"}).text == "still"
    assert line.starts == 1


def test_a_character_cut_in_half_is_shown_as_such(line: Line) -> None:
    assert line.call("half_a_sign", {}).text == "a smile: \N{REPLACEMENT CHARACTER}"


def test_an_answer_that_cannot_be_read_ends_its_question_at_once(lines: Open) -> None:
    line = lines(hostile(timeout_s=30))
    begun = time.monotonic()
    with pytest.raises(McpError, match="no message of the protocol"):
        line.call("abyss", {})
    assert time.monotonic() - begun < 5
    assert echoes(line)


def test_a_long_result_is_cut(line: Line) -> None:
    found = line.call("big", {"n": 300_000})
    assert (len(found.text), found.cut) == (200_000, True)


def test_signs_of_life_keep_a_call_and_the_whole_is_bounded_all_the_same(lines: Open) -> None:
    line = lines(hostile(timeout_s=0.6), limits=replace(QUICK, total_s=2.5))
    assert line.call("slow", {"n": 6}).text == "at last"
    begun = time.monotonic()
    with pytest.raises(ServerFailedError, match="in time"):
        line.call("slow", {"n": 1_000})
    assert 2 < time.monotonic() - begun < 6


@pytest.mark.parametrize("tool", ["hang", "freeze", "flood"])
def test_cancel_comes_back_within_a_second(lines: Open, tool: str, tmp_path: Path) -> None:
    line = lines(hostile(timeout_s=30, NOTES=str(tmp_path / "notes")))
    line.call("echo", {"text": "x"})
    cancel = threading.Event()
    left = threading.Timer(0.3, cancel.set)
    left.start()
    begun = time.monotonic()
    with pytest.raises((CallCancelledError, ServerFailedError)):
        line.call(tool, {}, cancel=cancel)
    assert time.monotonic() - begun < 1.3
    assert echoes(line)
    if tool == "hang":
        told = [json.loads(one)[0] for one in (tmp_path / "notes").read_text(encoding="utf-8").splitlines()]
        assert "notifications/cancelled" in told


def test_cancel_while_it_starts_comes_back_within_a_second(lines: Open) -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    line = lines(hostile("silent"))
    begun = time.monotonic()
    with pytest.raises(CallCancelledError):
        line.call("echo", {}, cancel=cancel)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(("mode", "error"), [("good", ServerFailedError), ("silent", ServerUnreachableError)])
def test_a_caller_may_wait_for_less_than_a_server_may_take(lines: Open, mode: str, error: type[McpError]) -> None:
    line = lines(hostile(mode, timeout_s=30))
    if mode == "good":
        line.call("echo", {"text": "x"})
    begun = time.monotonic()
    with pytest.raises(error, match=r"too long|in time"):
        line.call("hang", {}, within_s=0.5)
    assert time.monotonic() - begun < 2


def test_closing_ends_a_call_at_once(lines: Open) -> None:
    line = lines(hostile(timeout_s=30))
    line.call("echo", {"text": "x"})
    threading.Timer(0.3, line.close).start()
    begun = time.monotonic()
    with pytest.raises(ServerFailedError, match=r"was closed|was ended"):
        line.call("hang", {})
    assert time.monotonic() - begun < 3


def test_more_calls_than_seats_wait_for_their_turn(lines: Open) -> None:
    line, cancel = lines(hostile(timeout_s=30), limits=replace(QUICK, total_s=30)), threading.Event()
    ends: list[str] = []

    def hang() -> None:
        try:
            line.call("hang", {}, cancel=cancel)
        except McpError as error:
            ends.append(type(error).__name__)

    threads = [threading.Thread(target=hang) for _ in range(8)]
    line.call("echo", {"text": "x"})
    for thread in threads:
        thread.start()
    assert "did not come to it in time" in refusal(line), "while all seats are taken"
    cancel.set()
    for thread in threads:
        thread.join(5)
    assert ends == ["CallCancelledError"] * 8
    assert echoes(line)


def refusal(line: Line) -> str:
    """The words of the first call that comes to nothing."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            line.call("echo", {"text": "x"}, within_s=0.5)
        except ServerUnreachableError as error:
            return error.what
    return ""


def test_a_server_that_reads_no_more_is_ended(lines: Open) -> None:
    line = lines(hostile(timeout_s=2))
    line.call("deaf", {})
    with pytest.raises(ServerFailedError, match=r"does not read what it is sent|in time"):
        line.call("echo", {"text": "x" * 1_000_000})
    assert echoes(line)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("crash", "ended with code 3: ImportError: no such thing"),
        ("silent", "did not say hello within"),
        ("stranger", "writes what is no message"),
        ("from_the_future", "something else than the protocol foresees"),
    ],
)
def test_a_start_that_fails_asked_nothing_of_it(lines: Open, mode: str, words: str) -> None:
    line = lines(hostile(mode), limits=replace(QUICK, start_s=2))
    with pytest.raises(ServerUnreachableError, match=words):
        line.call("echo", {})
    assert line.state == "stopped"


def test_a_server_that_keeps_failing_is_left_alone(lines: Open) -> None:
    line = lines(hostile("crash"))
    for _ in range(2):
        with pytest.raises(ServerUnreachableError, match="ended with code 3"):
            line.list()
    with pytest.raises(ServerRestingError, match=r"failed 2 times: .*no such thing") as caught:
        line.list()
    assert 0 < caught.value.after_s <= 0.5
    assert (line.starts, line.state) == (2, "resting")


def test_the_user_is_not_pestered(lines: Open) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return {}

    line = lines(handlers=Handlers(ask=answer))
    actions = json.loads(line.call("nag", {}).text)
    assert actions == ["accept"] * 8 + ["decline"] * 4
    assert len(asked) == 8


def test_no_time_runs_while_the_user_thinks(lines: Open) -> None:
    def think(_question: Question) -> Answer:
        threading.Event().wait(1.2)
        return {"colour": "red"}

    line = lines(hostile(timeout_s=0.5), Handlers(ask=think))
    assert "red" in line.call("ask_user", {}).text


def test_a_page_to_visit_and_a_model_to_ask_are_refused(line: Line) -> None:
    assert json.loads(line.call("lead_astray", {}).text)["result"] == {"action": "decline"}
    assert "not supported" in line.call("sample", {}).text.lower()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
@pytest.mark.parametrize("mode", ["good", "stubborn"])
def test_closing_ends_all_that_it_started(lines: Open, mode: str) -> None:
    line = lines(hostile(mode))
    pids = json.loads(line.call("fork", {}).text)
    line.close()
    assert not [pid for pid in pids if is_running(pid)]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_children_of_one_that_died_are_ended_too(lines: Open) -> None:
    line = lines()
    pids = json.loads(line.call("fork", {}).text)
    with pytest.raises(ServerFailedError):
        line.call("die", {})
    assert echoes(line)
    line.close()
    assert not [pid for pid in pids if is_running(pid)]


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
