"""The life of one worker process: its pipes, the three threads that serve them, its last words.

Nobody who calls in here ever waits for the process: orders go through a queue to a writing thread, so that a stopped
worker with a full pipe blocks that thread alone.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

from models import wire
from models.host.command import worker_environment

LAST_WORDS_MAX = 30
LINE_CHARACTERS_MAX = 2_000
JOIN_SECONDS = 5.0


class Child:
    """One process. `heard(line)` is called from the reading thread for each line, `ended(code)` once after the last."""

    def __init__(
        self, command: Sequence[str], heard: Callable[[Child, wire.Line], None], ended: Callable[[Child], None]
    ) -> None:
        self._heard = heard
        self._ended = ended
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=True,
            env=worker_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.pid = self._process.pid
        self.code: int | None = None
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS_MAX)
        self.last_heard = time.monotonic()
        self.killed_because = ""
        self._threads = [
            threading.Thread(target=work, name=f"worker-{self.pid}-{name}", daemon=True)
            for name, work in (("orders", self._write), ("words", self._keep_words), ("answers", self._read))
        ]
        for thread in self._threads:
            thread.start()

    def send(self, line: wire.Line) -> None:
        """Queue an order; one that the process does not live to read is lost, and `ended` tells of that."""
        self._orders.put(wire.encode(line))

    def kill(self, because: str = "") -> None:
        """End it now. `because` is the reason to show instead of the exit code."""
        self.killed_because = self.killed_because or because
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def close(self, patience_s: float = 3.0) -> None:
        """Ask it to end, insist after `patience_s`, wait until its threads are gone."""
        self._orders.put(None)
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(JOIN_SECONDS)

    def _write(self) -> None:
        pipe = _given(self._process.stdin)
        with contextlib.suppress(OSError), pipe:
            while (data := self._orders.get()) is not None:
                pipe.write(data)
                pipe.flush()

    def _keep_words(self) -> None:
        with _given(self._process.stderr) as pipe:
            while line := pipe.readline(LINE_CHARACTERS_MAX):
                self.last_words.append(line.decode("utf-8", "replace").rstrip())

    def _read(self) -> None:
        with _given(self._process.stdout) as pipe:
            try:
                for line in wire.lines(pipe):
                    self.last_heard = time.monotonic()
                    self._heard(self, line)
            except (wire.WireError, KeyError, TypeError, ValueError) as error:
                self.kill(f"The model stopped: it said something that was not understood ({error}).")
        self.code = self._process.wait()
        self._threads[1].join(JOIN_SECONDS)  # its last words
        self._orders.put(None)
        self._ended(self)


def _given(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "Popen was asked for this pipe"
    return pipe
