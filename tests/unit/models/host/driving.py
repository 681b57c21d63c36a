"""What the tests of a host share: requests, and ways to look at it and wait for it."""

import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from models.contracts import Called, ChatRequest, Delta, Finished, Message, State
from models.host import ModelHost

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


def read(stream: Iterator[Delta | Called | Finished], characters: int) -> list[Delta | Called | Finished]:
    """What comes until at least so many have."""
    said: list[Delta | Called | Finished] = []
    while sum(len(piece.text) for piece in said if isinstance(piece, Delta)) < characters:
        said.append(next(stream))
    return said


def text_of(host: ModelHost, request: ChatRequest = HELLO) -> str:
    return "".join(piece.text for piece in host.chat(request) if isinstance(piece, Delta))
