"""Text on its way to the host: what a model writes within two frames of a screen goes as one line.

Nobody can see more, and telling of each token costs a fast model more than making it. A slow one is told of at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

TOGETHER_S = 0.033


class Send(Protocol):
    def __call__(self, text: str, *, thinking: bool) -> None: ...


class Pacing:
    """Holds text back for that long at most, or until the next token where that comes later; never the first piece."""

    def __init__(self, send: Send, clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._held: list[str] = []
        self._thinking = False
        self._sent_at = float("-inf")

    def say(self, text: str, *, thinking: bool) -> None:
        if thinking is not self._thinking:
            self.flush()
            self._thinking = thinking
        self._held.append(text)
        if self._clock() - self._sent_at >= TOGETHER_S:
            self.flush()

    def flush(self) -> None:
        """Before anything else is said: a call, the end, however it came."""
        if self._held:
            text, self._held = "".join(self._held), []
            self._sent_at = self._clock()
            self._send(text, thinking=self._thinking)
