"""A real worker that is let go and brought back by a request or by hand; while idle it has to show that it serves."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from models.contracts import DecideRequest
from models.errors import ModelTooLargeError
from models.host import Limits, ModelHost
from tests.unit.models.host.driving import ENDLESS, Watcher, pid_of, posix, text_of

BRISK = Limits(probe_idle_s=0.05, stuck_s=4.0, backoff_s=(0.0,))

# A worker whose main thread stands still from the first request on, while the thread that listens goes on answering;
# only the first of its kind: it leaves a mark that the next one sees.
WEDGED = """
import pathlib, runpy, sys, time
from models.worker import desk
mark = pathlib.Path({mark!r})
if not mark.exists():
    mark.touch()
    desk.Desk.work = lambda self, model: time.sleep(1_000)
runpy.run_module("models.worker", run_name="__main__")
"""

NO_ROOM = """
import pathlib, runpy
from models.errors import ModelTooLargeError
from models.worker.seat import Seat
def load(self):
    raise ModelTooLargeError("There is too little memory.")
if not pathlib.Path({mark!r}).exists():
    Seat.load = load
runpy.run_module("models.worker", run_name="__main__")
"""


def test_a_worker_that_rests_is_gone_and_the_next_request_brings_it_back(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, on_state=watcher)
    before = text_of(host)
    old = pid_of(host)
    assert host.rest("Resting, as asked.")
    state = watcher.wait_for(lambda state: state.phase == "stopped")
    assert (state.reason, state.pid) == ("Resting, as asked.", None)
    assert state.info is not None, "what it is stays known"
    assert not psutil.pid_exists(old)
    assert host.memory_bytes() is None
    assert host.probed_s() is None
    assert text_of(host) == before
    assert host.state().restarts == 0, "nobody died"
    assert host.state().reason == ""


def test_starting_by_hand_brings_it_back_too(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, on_state=watcher)
    host.info()
    host.rest("Resting.")
    host.start()
    watcher.wait_for(lambda state: state.phase == "ready" and state.pid is not None)
    host.start()
    assert host.state().phase == "ready", "of no effect on one that is there"


def test_one_that_works_is_not_let_go(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    stream = host.chat(ENDLESS)
    next(stream)
    there = pid_of(host)
    assert not host.rest("Resting.")
    next(stream)
    stream.close()
    assert pid_of(host) == there
    assert host.rest("Resting.")
    assert not host.rest("Resting."), "once is enough"


def test_one_that_still_loads_is_let_go_and_who_waits_for_it_gets_it(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat)
    host.start()
    assert host.rest("Resting.")
    assert host.info().kind == "chat"


def test_one_that_cannot_be_used_has_nothing_to_let_go(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"nothing")
    watcher = Watcher()
    host = host_of(bad, on_state=watcher)
    assert not host.rest("Resting."), "it was never started"
    host.start()
    watcher.wait_for(lambda state: state.phase == "refused")
    assert not host.rest("Resting.")
    assert host.state().phase == "refused"


def test_one_that_found_no_room_tries_again_with_the_next_request(
    host_of: Callable[..., ModelHost], tiny_chat: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A refusal for want of memory is of that moment."""
    script = NO_ROOM.format(mark=str(tmp_path / "mark"))
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: [sys.executable, "-P", "-c", script])
    host = host_of(tiny_chat)
    with pytest.raises(ModelTooLargeError, match="too little memory"):
        text_of(host)
    with pytest.raises(ModelTooLargeError):
        host.info()
    (tmp_path / "mark").touch()
    assert len(text_of(host)) == 6


def test_letting_go_at_any_moment_loses_no_request(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    host = host_of(tiny_starter)
    decided: list[str] = []

    def ask() -> None:
        host.info()
        decided.append(host.decide(DecideRequest("hello")).outcome)

    for number in range(1, 5):
        asking = threading.Thread(target=ask)
        asking.start()
        while asking.is_alive():
            host.rest("Resting.")
            asking.join(0.01)
        assert len(decided) == number
        host.rest("Resting.")
        assert host.state().pid is None
    assert host.state().restarts == 0


def test_a_closed_one_does_not_come_back(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    host.info()
    host.rest("Resting.")
    host.close()
    host.start()
    assert host.state().phase == "closed"
    assert not host.rest("Resting.")


@posix
def test_killed_while_idle_it_is_replaced_and_the_next_request_completes(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, on_state=watcher)
    before = text_of(host)
    os.kill(pid_of(host), signal.SIGKILL)
    watcher.wait_for(lambda state: state.phase == "ready" and state.restarts == 1)
    assert text_of(host) == before


@posix
def test_killed_while_idle_and_asked_at_once_the_request_completes(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat)
    before = text_of(host)
    os.kill(pid_of(host), signal.SIGKILL)
    assert text_of(host) == before


def test_an_idle_worker_answers_its_probes(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat, limits=BRISK)
    before = text_of(host)
    there = pid_of(host)
    for _ in range(200):
        if host.probed_s() is not None:
            break
        threading.Event().wait(0.02)
    assert (host.probed_s() or 99) < BRISK.answer_s
    assert text_of(host) == before, "a probe leaves no trace"
    assert pid_of(host) == there


def test_a_worker_that_lives_and_would_serve_nobody_fails_its_probe(
    host_of: Callable[..., ModelHost], tiny_chat: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its listening thread answers every ping: that alone would never show it."""
    script = WEDGED.format(mark=str(tmp_path / "mark"))
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: [sys.executable, "-P", "-c", script])
    watcher = Watcher()
    host = host_of(tiny_chat, limits=BRISK, on_state=watcher)
    host.start()
    watcher.wait_for(lambda state: state.phase == "ready" and state.restarts == 1)
    assert any("did not get on" in state.reason for state in watcher.states)
    assert len(text_of(host)) == 6
