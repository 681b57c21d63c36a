"""One line to each server, shared by all threads of a profile. A server is started at the first question; when its
declaration in the settings changes, the old line is closed and a new one takes its place."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agent.mcp.handlers import Answer, Handlers, Question
from agent.mcp.outcomes import Step
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line, connect
from agent.mcp.signing.sign_ins import SignIns

Ask = Callable[[Question], Answer | None]
FoundChanged = Callable[[str, str, str], None]  # server, tool by its own name, digest that it has now


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A call that the user waits for. `stopped`: set when it is taken back."""

    name: str
    line: Line
    stopped: threading.Event


class Lines:
    """`entry(name)`: how a server is reached now, raises McpError. `ask`: puts a server's question to the user; only
    while a call of the user's own goes on, so that nothing that is delivered in the background asks anybody."""

    def __init__(
        self, entry: Callable[[str], ServerEntry], ask: Ask, allows: Callable[[], bool],
        reveal: Callable[[str], str], tools_changed: Callable[[str], None],
        progressed: Callable[[str, Step], None] = lambda _name, _step: None, sign_ins: SignIns | None = None,
    ) -> None:  # fmt: skip
        self._entry = entry
        self.progressed = progressed  # on the thread of the call
        self.found_changed: FoundChanged = lambda _name, _tool, _now: None  # likewise
        self._ask = ask
        self.handlers = Handlers(
            ask=self._put, tools_changed=tools_changed, allows=allows, reveal=reveal, sign_ins=sign_ins
        )
        self._lock = threading.Lock()
        self._lines: dict[str, Line] = {}
        self._watched: list[Watched] = []

    def to(self, name: str) -> Line:
        """Raises McpError for a server that is not there, switched off, or not installed yet."""
        entry = self._entry(name)
        with self._lock:
            line = self._lines.get(name)
            if line is not None and line.entry == entry:
                return line
            self._lines[name] = fresh = connect(entry, self.handlers)
        if line is not None:
            line.close()
        return fresh

    @contextmanager
    def watched(self, name: str, stopped: threading.Event | None = None) -> "Iterator[Watched]":
        """The line for a call that the user waits for, who may be asked something and may stop it. `stopped`: by which
        this one alone is taken back, too."""
        watched = Watched(name, self.to(name), stopped or threading.Event())
        with self._lock:
            self._watched.append(watched)
        try:
            yield watched
        finally:
            with self._lock:
                self._watched.remove(watched)

    def stop(self) -> None:
        """The user takes back what goes on; from any thread."""
        with self._lock:
            watched = list(self._watched)
        for one in watched:
            one.stopped.set()

    def started(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(name for name, line in self._lines.items() if line.state in ("starting", "running"))

    def hang_up(self, name: str) -> None:
        with self._lock:
            line = self._lines.pop(name, None)
        if line is not None:
            line.close()

    def close(self) -> None:
        self.stop()
        with self._lock:
            lines = list(self._lines.values())
            self._lines.clear()
        for line in lines:
            line.close()

    def is_watched(self, name: str) -> bool:
        """Whether the user waits for a call of it."""
        with self._lock:
            return any(one.name == name for one in self._watched)

    def _put(self, question: Question) -> Answer | None:
        return self._ask(question) if self.is_watched(question.server) else None
