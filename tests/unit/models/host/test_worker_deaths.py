"""A real worker that is killed, stopped, starved, made to talk nonsense; nothing that had arrived is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from models.contracts import ChatRequest, Delta, State
from models.errors import ModelFileBadError, WorkerDiedError, WorkerHungError
from models.host import Limits, ModelHost
from models.host.command import worker_environment
from tests.unit.models.host.driving import ENDLESS, SECONDS, Watcher, pid_of, posix, read, text_of


@posix
def test_a_worker_killed_in_mid_stream_keeps_the_text_and_is_replaced(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, on_state=watcher)
    stream = host.chat(ENDLESS)
    said = [next(stream), next(stream)]
    first = pid_of(host)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(WorkerDiedError, match="killed by the system") as caught:
        said.extend(stream)
    assert caught.value.partial == "".join(piece.text for piece in said if isinstance(piece, Delta))
    assert caught.value.restarted
    assert len(text_of(host)) == 6
    assert pid_of(host) != first
    assert host.state().restarts == 1
    assert any(state.phase == "restarting" and "signal 9" in state.reason for state in watcher.states)


@posix
def test_a_request_that_had_produced_nothing_is_replayed_once(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, on_state=watcher)
    host.info()
    os.kill(pid_of(host), signal.SIGSTOP)
    got: list[str] = []
    asking = threading.Thread(target=lambda: got.append(text_of(host)))
    asking.start()
    watcher.wait_for(lambda state: state.phase == "busy")
    os.kill(pid_of(host), signal.SIGKILL)
    asking.join(SECONDS)
    assert got == [text_of(host)]
    assert host.state().restarts == 1


@posix
def test_a_worker_that_hangs_is_replaced(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    limits = Limits(probe_busy_s=0.05, probe_idle_s=0.05, answer_s=0.5, backoff_s=(0.0,))
    host = host_of(tiny_chat, limits=limits)
    stream = host.chat(ENDLESS)
    next(stream)
    stopped = pid_of(host)
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(WorkerHungError, match="no longer answered") as caught:
        list(stream)
    assert caught.value.restarted
    assert len(text_of(host)) == 6
    assert not psutil.pid_exists(stopped)


@posix
def test_a_worker_that_hangs_while_idle_is_replaced_too(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    watcher = Watcher()
    limits = Limits(probe_busy_s=0.05, probe_idle_s=0.05, answer_s=0.5, backoff_s=(0.0,))
    host = host_of(tiny_chat, limits=limits, on_state=watcher)
    host.info()
    os.kill(pid_of(host), signal.SIGSTOP)
    watcher.wait_for(lambda state: state.phase == "ready" and state.restarts == 1)
    assert len(text_of(host)) == 6


@posix
def test_cancel_gets_through_to_a_stopped_worker_by_replacing_it(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat, limits=Limits(probe_busy_s=0.05, cancel_s=0.2, backoff_s=(0.0,)))
    stream = host.chat(ENDLESS)
    next(stream)
    os.kill(pid_of(host), signal.SIGSTOP)
    before = time.monotonic()
    host.cancel()
    assert time.monotonic() - before < 0.1
    with pytest.raises(Exception, match="Stopped, as you asked"):
        list(stream)
    assert len(text_of(host)) == 6


@posix
def test_restarts_are_bounded_and_the_user_can_start_it_again(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    watcher = Watcher()
    host = host_of(tiny_chat, limits=Limits(restarts_max=2, backoff_s=(0.0,)), on_state=watcher)
    for restarts in range(3):
        watcher.wait_for(lambda state, n=restarts: state.phase == "ready" and state.restarts == n) if restarts else (
            host.info()
        )
        os.kill(pid_of(host), signal.SIGKILL)
    stopped = watcher.wait_for(lambda state: state.phase == "stopped")
    assert "signal 9" in stopped.reason
    with pytest.raises(WorkerDiedError) as caught:
        text_of(host)
    assert not caught.value.restarted
    assert "Try again" in caught.value.todo
    host.restart()
    assert len(text_of(host)) == 6


def test_the_worker_ends_with_its_parent(tiny_chat: Path, tmp_path: Path) -> None:
    """The parent is killed without a word; the worker sees its pipe close."""
    script = (
        "import os, sys; from pathlib import Path; from models.host import ModelHost\n"
        "host = ModelHost(Path(sys.argv[1])); host.info(); print(host.state().pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tiny_chat)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=worker_environment(),
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    worker.wait(SECONDS)


@posix
def test_a_model_file_cut_while_in_use_is_explained_and_refused(
    host_of: Callable[..., ModelHost], tiny_chat: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(tiny_chat.read_bytes())
    host = host_of(own)
    assert len(text_of(host)) == 6
    os.truncate(own, 0)
    with pytest.raises((WorkerDiedError, ModelFileBadError), match=r"changed or its disk failed|an empty file"):
        text_of(host)
    with pytest.raises(ModelFileBadError, match="an empty file"):
        text_of(host)


def test_a_process_that_cannot_be_started_is_said(
    host_of: Callable[..., ModelHost], tiny_chat: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: [str(tmp_path / "nothing")])
    host = host_of(tiny_chat)
    with pytest.raises(WorkerDiedError, match="could not be started: No such file") as caught:
        host.info()
    assert caught.value.todo
    assert host.state().phase == "stopped"
    monkeypatch.undo()
    host.restart()
    assert len(text_of(host)) == 6


def test_a_listener_that_fails_does_not_harm_the_model(
    host_of: Callable[..., ModelHost], tiny_chat: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(_state: State) -> None:
        raise RuntimeError("from the window")

    assert len(text_of(host_of(tiny_chat, on_state=listener))) == 6
    assert "a listener to the model's state failed" in caplog.text


def test_a_worker_that_speaks_nonsense_is_stopped(
    host_of: Callable[..., ModelHost], tiny_chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonsense = [sys.executable, "-c", 'import time; print(\'{"event": "ready"}\', flush=True); time.sleep(60)']
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: nonsense)
    with pytest.raises(WorkerDiedError, match="not understood"):
        host_of(tiny_chat).info()


def test_a_worker_that_dies_while_loading_is_started_carefully(
    host_of: Callable[..., ModelHost], tiny_chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an instruction of the processor is announced but not allowed."""
    fragile = (
        "import json, os, runpy, sys\n"
        "json.loads(sys.argv[1])['careful'] or os.abort()\n"
        "runpy.run_module('models.worker', run_name='__main__')"
    )
    monkeypatch.setattr("models.host.keeper.worker_command", lambda: [sys.executable, "-P", "-c", fragile])
    host = host_of(tiny_chat)
    assert len(text_of(host)) == 6
    assert host.state().restarts == 1


@posix
def test_killed_at_any_token_the_text_so_far_is_kept(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat, limits=Limits(restarts_max=50, backoff_s=(0.0,)))
    expected = text_of(host, ChatRequest(ENDLESS.messages, 1500, 0))
    for tokens in (1, 2, 3, 5, 8, 13, 21, 200):
        stream = host.chat(ENDLESS)
        read(stream, tokens)  # each is a letter
        os.kill(pid_of(host), signal.SIGKILL)
        with pytest.raises(WorkerDiedError) as caught:
            list(stream)
        assert len(caught.value.partial) >= tokens
        assert caught.value.partial[:1500] == expected[: len(caught.value.partial)]
    assert text_of(host, ChatRequest(ENDLESS.messages, 1500, 0)) == expected


@posix
def test_ctrl_c_is_for_the_parent(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    host.info()
    os.kill(pid_of(host), signal.SIGINT)
    assert len(text_of(host)) == 6
    assert host.state().restarts == 0
