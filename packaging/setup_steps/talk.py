"""What set-up says while it works: a line that moves on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

PLAIN_LINE_EVERY_S = 15.0
MOVE_EVERY_S = 0.5


@dataclass(slots=True)
class Talk:
    """Writes to `stream` (standard error unless told), so that standard output stays with the program that is run."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    terminal: bool | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if self.terminal is None:
            self.terminal = self.stream.isatty()

    def line(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def begin(self, title: str) -> Progress:
        """Announces a step that may take a while."""
        if not self.terminal:
            self.line(f"{title} …")
        now = self.clock()
        return Progress(self, title, started=now, spoke=now)


@dataclass(slots=True)
class Progress:
    """One step in the making: `beat` may be called as often as one likes, it speaks only when due."""

    talk: Talk
    title: str
    started: float
    spoke: float

    @property
    def elapsed_s(self) -> float:
        return self.talk.clock() - self.started

    def beat(self, detail: str = "") -> None:
        now = self.talk.clock()
        due = MOVE_EVERY_S if self.talk.terminal else PLAIN_LINE_EVERY_S
        if now - self.spoke < due:
            return
        self.spoke = now
        text = f"  {self.title} · {minutes(self.elapsed_s)}" + (f" · {detail}" if detail else "")
        if self.talk.terminal:
            self.over(text)
        else:
            self.talk.line(text)

    def done(self, word: str = "done") -> None:
        self.end(f"{word} in {minutes(self.elapsed_s)}")

    def end(self, words: str) -> None:
        text = f"  {self.title} · {words}"
        if self.talk.terminal:
            self.over(text)
            self.talk.line("")
        else:
            self.talk.line(text)

    def over(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.talk.stream.write("\r" + text[:width].ljust(width))
        self.talk.stream.flush()


def minutes(seconds: float) -> str:
    """`75.2` → `1:15`, and `3.4 s` below ten seconds, where the tenth says something."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
