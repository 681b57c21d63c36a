"""A real worker that is killed, stopped, starved and asked too much."""

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

from models.contracts import ChatRequest, DecideRequest, Delta, Finished, Message, State
from models.errors import ClosedError, ContextFullError, ModelFileBadError, WorkerDiedError, WorkerHungError
from models.host import Limits, ModelHost, Settings
from models.host.command import worker_environment

HELLO = ChatRequest((Message("user", "hello"),), max_tokens=6, temperature=0)
ENDLESS = ChatRequest((Message("user", "hello"),), max_tokens=8000, temperature=0)
SECONDS = 20

posix = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


class Watcher:
    """Collects states and lets a test wait for one."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self._changed = threading.Condition()

    def __call__(self, state: State) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    def wait_for(self, fits: Callable[[State], bool]) -> State:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.states) and fits(self.states[-1]), SECONDS), self.states
            return self.states[-1]


def pid_of(host: ModelHost) -> int:
    pid = host.state().pid
    assert pid is not None
    return pid


def text_of(host: ModelHost, request: ChatRequest = HELLO) -> str:
    return "".join(piece.text for piece in host.chat(request) if isinstance(piece, Delta))


def test_the_same_request_gives_the_same_text(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    """Also after other conversations, with reuse of what was read before, and in another process."""
    long = "tell me of the sea " * 40
    request = ChatRequest((Message("user", long), Message("assistant", "no"), Message("user", "why")), 20, 0.9, 5)
    host = host_of(tiny_chat)
    first = list(host.chat(request))
    text_of(host, ChatRequest((Message("user", long + "and the land"),), 30, 0.8, 1))
    again = list(host.chat(request))
    assert isinstance(again[-1], Finished)
    assert again[-1].reused >= 512
    assert again[:-1] == first[:-1]
    assert list(host_of(tiny_chat).chat(request))[:-1] == first[:-1]


def test_another_seed_gives_another_text(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    texts = {text_of(host, ChatRequest((Message("user", "hello"),), 20, 1.0, seed)) for seed in range(4)}
    assert len(texts) > 1


def test_the_same_request_gives_the_same_decision(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    host = host_of(tiny_starter)
    asked = ["email Dana that it is signed", "what time is it in Oslo", "", "note: buy milk", "x " * 300, "größe 😀"]
    first = [host.decide(DecideRequest(text)) for text in asked]
    second = [host.decide(DecideRequest(text)) for text in reversed(asked)][::-1]
    plain = [(one.outcome, one.confidence, one.calls, one.guess, one.topic, one.missing) for one in first]
    assert plain == [(one.outcome, one.confidence, one.calls, one.guess, one.topic, one.missing) for one in second]
    for text, one in zip(asked, first, strict=True):
        for call in one.calls + one.guess:
            assert all(0 <= start < end <= len(text) for start, end in call.spans.values())


def test_a_stop_text_ends_the_answer_and_is_not_shown(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    whole = text_of(host, ChatRequest(HELLO.messages, 40, 0))
    stop = whole[10:12]
    pieces = list(host.chat(ChatRequest(HELLO.messages, 40, 0, stop=(stop,))))
    assert "".join(piece.text for piece in pieces if isinstance(piece, Delta)) == whole[: whole.index(stop)]
    assert isinstance(pieces[-1], Finished)
    assert pieces[-1].reason == "stop"


def test_info_says_what_is_loaded(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat, name="tiny", settings=Settings(threads=1, n_ctx=512))
    info = host.info()
    assert (info.name, info.kind, info.n_ctx, info.n_ctx_train, info.threads) == ("tiny", "chat", 512, 8192, 1)
    assert info.size_bytes == tiny_chat.stat().st_size
    assert len(info.sha256) == 64
    assert info.parameters > 10_000
    assert {"python", "import", "map", "context", "warm"} <= set(info.spans_ms)
    assert (host.memory_bytes() or 0) > 1_000_000


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


def test_a_file_that_is_no_model_is_refused_with_words(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    bad = tmp_path / "page.gguf"
    bad.write_text("<!DOCTYPE html><p>Log in first</p>")
    host = host_of(bad)
    for _ in range(2):
        with pytest.raises(ModelFileBadError, match="web page") as caught:
            host.info()
        assert caught.value.where == str(bad)
        assert caught.value.todo
    assert host.state().phase == "refused"
    assert host.state().restarts == 0


def test_a_conversation_too_long_for_the_model_says_how_long(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat, settings=Settings(n_ctx=256))
    with pytest.raises(ContextFullError) as caught:
        text_of(host, ChatRequest((Message("user", "word " * 200),)))
    assert caught.value.limit == 256
    assert caught.value.used > 1000
    assert len(text_of(host)) == 6
    filled = list(host.chat(ChatRequest((Message("user", "w" * 100),), 500, 0)))[-1]
    assert isinstance(filled, Finished)
    assert filled.reason == "context"


def test_a_megabyte_is_carried_and_answered_in_words(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    decision = host_of(tiny_starter).decide(DecideRequest("email Dana " + "x😀 " * 350_000))
    assert decision.outcome in ("called", "answered", "handoff", "clarify")


def test_requests_from_several_threads_take_turns(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    expected = text_of(host)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(text_of(host))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert got == [expected] * 5


def test_close_ends_a_running_request(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    stream = host.chat(ENDLESS)
    next(stream)
    pid = pid_of(host)
    host.close()
    with pytest.raises(ClosedError):
        list(stream)
    assert not psutil.pid_exists(pid)


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


def test_a_path_that_is_not_ascii_loads(host_of: Callable[..., ModelHost], tiny_chat: Path, tmp_path: Path) -> None:
    odd = tmp_path / "mödel 'x' 😀.gguf"
    odd.write_bytes(tiny_chat.read_bytes())
    assert len(text_of(host_of(odd))) == 6


def test_starting_returns_at_once_and_later_starts_do_nothing(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat)
    host.start()
    assert host.state().phase == "starting"
    pid = pid_of(host)
    host.start()
    host.info()
    assert pid_of(host) == pid


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
        for _ in range(tokens):
            next(stream)
        os.kill(pid_of(host), signal.SIGKILL)
        with pytest.raises(WorkerDiedError) as caught:
            list(stream)
        assert len(caught.value.partial) >= tokens
        assert caught.value.partial[:1500] == expected[: len(caught.value.partial)]
    assert text_of(host, ChatRequest(ENDLESS.messages, 1500, 0)) == expected


def test_speed_is_that_of_the_answer_alone() -> None:
    assert Finished("stop", 11, 5, 0, 100.0, 1100.0).tokens_per_second == 10
    assert Finished("stop", 1, 5, 0, 100.0, 1100.0).tokens_per_second is None


def test_a_refused_file_can_be_tried_again_once_it_was_mended(
    host_of: Callable[..., ModelHost], tiny_chat: Path, tmp_path: Path
) -> None:
    file = tmp_path / "late.gguf"
    file.write_bytes(tiny_chat.read_bytes()[:5000])
    host = host_of(file)
    with pytest.raises(ModelFileBadError, match="ends in the middle"):
        host.info()
    file.write_bytes(tiny_chat.read_bytes())
    host.restart()
    assert len(text_of(host)) == 6


@posix
def test_ctrl_c_is_for_the_parent(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    host.info()
    os.kill(pid_of(host), signal.SIGINT)
    assert len(text_of(host)) == 6
    assert host.state().restarts == 0
