"""The worker by its pipes alone, as a host would drive it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import wire
from models.host.command import worker_command, worker_environment

SECONDS = 20


class Pipes:
    """A worker and its two ends."""

    def __init__(self, path: Path) -> None:
        argument = wire.Start(str(path), "tiny", "", 1, 8192, True, time.time()).argument()
        self.process = subprocess.Popen(
            [*worker_command(), argument],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=worker_environment(),
        )  # fmt: skip
        assert self.process.stdout is not None
        self._lines = wire.lines(self.process.stdout)

    def send(self, data: bytes | wire.Line) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data if isinstance(data, bytes) else wire.encode(data))
        self.process.stdin.flush()

    def hear(self, event: str) -> wire.Line:
        return next(line for line in self._lines if line["event"] == event)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()


@pytest.fixture
def worker(tiny_chat: Path) -> Iterator[Pipes]:
    pipes = Pipes(tiny_chat)
    yield pipes
    pipes.close()


def chat(name: str, tokens: int) -> dict[str, Any]:
    request = {"messages": [{"role": "user", "text": "hi"}], "max_tokens": tokens, "temperature": 0, "seed": 0}
    return {"op": "chat", "id": name, "request": {**request, "stop": [], "now": None}}


def test_it_ends_when_its_orders_end(worker: Pipes) -> None:
    worker.hear("ready")
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(SECONDS) == 0


def test_it_ends_in_the_middle_of_work_too(worker: Pipes) -> None:
    worker.send(chat("a", 8000))
    worker.hear("delta")
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(SECONDS) == 0


def test_it_answers_pings_while_it_works(worker: Pipes) -> None:
    worker.send(chat("a", 8000))
    worker.hear("delta")
    worker.send({"op": "ping", "n": 5})
    events = []
    for line in worker._lines:
        events.append(line["event"])
        if line["event"] == "pong":
            assert (line["n"], line["work"] > 0) == (5, True)
            break
    assert events[-1] == "pong"
    assert "finished" not in events


def test_a_fast_models_words_come_in_few_lines_and_whole(worker: Pipes) -> None:
    worker.send(chat("a", 300))
    deltas = []
    for line in worker._lines:
        if line["event"] == "finished":
            break
        if line["event"] == "delta":
            deltas.append(line)
    assert len("".join(line["text"] for line in deltas)) == line["tokens"] == 300  # each is a letter
    assert [line["index"] for line in deltas] == list(range(len(deltas)))
    assert len(deltas[0]["text"]) == 1
    assert len(deltas) < 150


def test_a_request_cancelled_while_it_waits_never_starts(worker: Pipes) -> None:
    worker.send(wire.encode(chat("a", 300)) + wire.encode(chat("b", 5)) + wire.encode({"op": "cancel", "id": "b"}))
    assert worker.hear("finished")["id"] == "a"
    assert worker.hear("cancelled")["id"] == "b"


@pytest.mark.parametrize("data", [b"what?\n", b'{"op": "explode"}\n', b"[]\n"])
def test_a_broken_order_ends_it(worker: Pipes, data: bytes) -> None:
    worker.hear("ready")
    worker.send(data)
    assert worker.process.wait(SECONDS) == 2


def test_shutdown_is_an_order(worker: Pipes) -> None:
    worker.send({"op": "shutdown"})
    assert worker.process.wait(SECONDS) == 0


def test_a_bad_file_is_refused_with_words_and_its_own_code(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    pipes = Pipes(tmp_path / "x.gguf")
    assert pipes.hear("failed")["error"]["type"] == "ModelFileBadError"
    assert pipes.process.wait(SECONDS) == 3
    pipes.close()


def test_started_by_hand_it_explains_itself() -> None:
    done = subprocess.run(worker_command(), capture_output=True, text=True, env=worker_environment(), check=False)
    assert done.returncode == 2
    assert "started by Carryon" in done.stderr


def test_numpy_and_the_high_level_class_are_never_imported(tiny_chat: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.worker.seat import Seat; from models import wire\n"
        f"start = wire.Start({str(tiny_chat)!r}, 'x', '', 1, 512, True, 0.0)\n"
        "Seat(start, print, 0.0).load(); import json; print(json.dumps(sorted(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, env=worker_environment(), check=True, text=True
    ).stdout
    loaded = set(json.loads(out))
    assert "llama_cpp.llama_cpp" in loaded
    assert not loaded & {"numpy", "llama_cpp.llama", "httpx", "psutil", "PySide6"}
