"""A connection as the session sees it, whatever is behind it; and the signs of life on it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from mcp.client._transport import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

from agent.mcp.errors import McpError
from agent.mcp.running.wire.telling import Tell

ASKED_MAX = 1_000  # questions of ours that are remembered


@dataclass(frozen=True, slots=True)
class Opened:
    """`lost` is set when the connection ended by itself; then `why` says how, for a sentence that begins with the
    server's name."""

    reading: ReadStream[SessionMessage | Exception]
    writing: WriteStream[SessionMessage]
    why: Callable[[], str]
    lost: anyio.Event
    failure: Callable[[], McpError | None] = lambda: None  # what the last failure means, where that is known


@dataclass(slots=True)
class Signs:
    """Who wants to know when the server says something by itself, and how far a request is; how often it answered what
    was never asked."""

    tell: Tell = lambda *_: None
    listeners: set[Callable[[], None]] = field(default_factory=set)
    strays: int = 0
    _asked: dict[str | int, int] = field(default_factory=dict)

    def asked(self, number: str | int) -> None:
        self._asked[number] = 1
        while len(self._asked) > ASKED_MAX:
            del self._asked[next(iter(self._asked))]

    def answered(self, number: str | int | None) -> None:
        """An answer is a sign of life only of the call that it belongs to, and ends that."""
        if number is None or self._asked.pop(number, 0) == 0:
            self.strays += 1

    @property
    def unanswered(self) -> int:
        return len(self._asked)

    def seen(self) -> None:
        for listener in tuple(self.listeners):
            listener()
