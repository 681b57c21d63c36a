"""The real window over the real session and worker, with a chat model that is asked again and again. Prints JSON.

Tokens are counted where the transcript hears of them, on the window's own thread, from the first to the last. Between
two answers the bare process runs, in the worker's environment, so that a drift of the machine hits both. One more
answer at the beginning warms everything up and shows how long the window is ever held up.
"""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import agent.compose
from agent.paths import Paths
from app.boot import Profile, opened
from app.views.window import Window
from models.catalog import Catalog
from models.contracts import Called, ChatRequest, Delta, Finished
from models.host import ModelHost
from models.host.command import worker_environment

SECONDS_MAX = 900
NAME = "streamed"
SETTINGS = f'schema = 1\n[model]\ndefault = "{NAME}"\ndecides = "chosen"\n'
NO_TOOLS = '[tools]\n"*" = "deny"\n'
ASKED = "Tell me about the sea, and take your time."
BEAT_MS = 2  # how often the window shows that it is not held up


class Bounded(ModelHost):
    """Its answers are of one length. What the last one was asked and how it ended can be looked up."""

    tokens = 0
    request: ChatRequest
    finished: Finished
    latest: "Bounded"

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        Bounded.latest = self
        self.request = replace(request, max_tokens=self.tokens)
        for piece in super().chat(self.request):
            if isinstance(piece, Finished):
                self.finished = piece
            yield piece


@dataclass(slots=True)
class Arrivals:
    """When how many characters of the answer had reached the transcript."""

    first_at: float = 0.0
    first_characters: int = 0
    last_at: float = 0.0
    characters: int = 0
    first_spent: tuple[float, float] = (0.0, 0.0)  # of processor time: the window's process, the worker

    def saw(self, characters: int) -> None:
        if characters > self.characters:
            self.last_at, self.characters = time.perf_counter(), characters
            if not self.first_at:
                self.first_at, self.first_characters = self.last_at, characters
                self.first_spent = _spent()

    def counted(self, tokens: int) -> float:
        """Those that came with the first piece are not."""
        return tokens * (self.characters - self.first_characters) / self.characters


class Trial:
    """Asks once for each answer that is wanted, and the bare process in between."""

    def __init__(self, window: Window, path: Path, runs: int) -> None:
        self._window, self._path, self._runs = window, path, runs
        self._chat = window.desk.chat
        self._arrivals = Arrivals()
        self._beat = QTimer(window, interval=BEAT_MS)
        self._beat.timeout.connect(self._beaten)
        self._beaten_at = 0.0
        self.rates: list[float] = []
        self.window_spent_ms: list[float] = []  # of processor time, for each token
        self.worker_spent_ms: list[float] = []
        self.bare: list[float] = []
        self.bare_spent_ms: list[float] = []
        self.held_up_ms = 0.0
        self._chat.listen(self._changed)

    def ask(self) -> None:
        self._arrivals = Arrivals()
        self._window.desk.conversations.begin_new()
        self._window.desk.composer.suggest(ASKED)
        self._window.desk.composer.send()

    def _changed(self, part: str, key: str) -> None:
        row = self._chat.row(key) if part == "row" else None
        if row and row.writing and row.text:
            self._arrivals.saw(len(row.text))
            if not self.bare and not self._beat.isActive():
                self._beaten_at = time.perf_counter()
                self._beat.start()
        elif part == "turn" and not self._chat.running_turn:
            QTimer.singleShot(0, self._ended)

    def _beaten(self) -> None:
        now = time.perf_counter()
        self.held_up_ms = max(self.held_up_ms, (now - self._beaten_at) * 1_000 - BEAT_MS)
        self._beaten_at = now

    def _ended(self) -> None:
        if self._beat.isActive():
            self._beaten()  # the whole answer was laid out just now
            self._beat.stop()
        model = Bounded.latest
        if self.bare:
            seen = self._arrivals
            counted = seen.counted(model.finished.tokens)
            self.rates.append(counted / (seen.last_at - seen.first_at))
            window, worker = (
                (now - then) * 1_000 / counted for now, then in zip(_spent(), seen.first_spent, strict=True)
            )
            self.window_spent_ms.append(window)
            self.worker_spent_ms.append(worker)
        if len(self.rates) == self._runs:
            QApplication.quit()
            return
        info, asked, ended = model.info(), model.request, model.finished
        rate, spent = bare_stream(
            self._path, ended.prompt_tokens, asked.max_tokens, info.threads, info.n_ctx, asked.temperature
        )
        self.bare.append(rate)
        self.bare_spent_ms.append(spent)
        self.ask()


def main(path: Path, tokens: int, runs: int, tools: int) -> None:
    Bounded.tokens = tokens
    agent.compose.ModelHost = Bounded  # type: ignore[misc]  # the only thing that is not as a user has it
    paths = Paths.of().make()
    paths.agentrc.write_text(SETTINGS + ("" if tools else NO_TOOLS))
    Catalog(paths.data).add(path, NAME)
    app = QApplication([])
    profile = Profile()
    with opened(app, profile.open, profile.prepare) as window:
        trial: list[Trial] = []

        def begin() -> None:
            trial.append(Trial(window, path, runs))
            trial[0].ask()

        window.ready.connect(begin)
        window.show()
        QTimer.singleShot(SECONDS_MAX * 1_000, app.quit)
        app.exec()
    done = trial[0]
    if len(done.rates) < runs:
        sys.exit(f"the answers took longer than {SECONDS_MAX} seconds")
    print(json.dumps({
        "rates": done.rates, "bare": done.bare, "window_spent_ms": done.window_spent_ms,
        "worker_spent_ms": done.worker_spent_ms, "bare_spent_ms": done.bare_spent_ms,
        "held_up_ms": done.held_up_ms, "prompt_tokens": Bounded.latest.finished.prompt_tokens,
    }))  # fmt: skip


def _spent() -> tuple[float, float]:
    """Seconds of processor time: of this process, of the worker with the chat model."""
    worker = psutil.Process(Bounded.latest.state().pid).cpu_times()
    return time.process_time(), worker.user + worker.system


def bare_stream(
    path: Path, prompt: int, decoded: int, threads: int, n_ctx: int, temperature: float
) -> tuple[float, float]:
    numbers = map(str, (prompt, decoded, threads, n_ctx, temperature))
    words = [sys.executable, "-m", "tests.bench.bare_stream", str(path), *numbers]
    run = subprocess.run(words, capture_output=True, text=True, check=True, env=worker_environment())
    rate, spent_ms = run.stdout.split()
    return float(rate), float(spent_ms)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
