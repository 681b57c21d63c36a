"""Watches over one server: starts it when it is first needed, starts it anew when it failed, leaves it alone when it
fails again and again. What one server does reaches no other: each has a thread and a process of its own.
"""

import atexit
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.mcp.errors import McpError, ServerRestingError, ServerUnreachableError, SignInNeededError
from agent.mcp.handlers import Handlers
from agent.mcp.limits import LOOK_EVERY_S, Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.rest import Rest

if TYPE_CHECKING:
    from agent.mcp.running.wire.session import Session
    from agent.mcp.running.wire.thread import LoopThread

CLOSE_S = 10.0  # for its end, with a polite word and a hard one
State = Literal["stopped", "starting", "running", "resting", "closed"]


@dataclass(frozen=True, slots=True)
class _Run:
    """From one start to its end."""

    session: "Session"
    started: "Future[Session]"
    ended: "Future[None]"


class Supervisor:
    """Thread-safe. The thread and the protocol's library are there from the first start on."""

    def __init__(
        self, entry: ServerEntry, handlers: Handlers, limits: Limits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._entry, self._handlers, self._limits = entry, handlers, limits
        self._lock = threading.Lock()  # held for moments, never while a server starts
        self._rest = Rest(clock)
        self._thread: LoopThread | None = None
        self._run: _Run | None = None
        self._closed = False
        self.starts = 0
        self.reason = ""  # why it ended last

    @property
    def state(self) -> State:
        if self._closed:
            return "closed"
        if (run := self._run) is not None and not run.session.over:
            return "running" if run.started.done() else "starting"
        return "resting" if self._rest.left_s() > 0 else "stopped"

    def session(self, look: Callable[[], None]) -> "tuple[LoopThread, Session]":
        """One that is open. Raises McpError, or what `look` raises, which is called again and again while the server
        starts: nothing was asked of it then."""
        with self._lock:
            if self._run is not None and self._run.session.over:
                self._failed(self._run.session.fault)
            self._refuse()
            thread = self._loop()
            run = self._run = self._run or self._start(thread)
        while not wait_for([run.started], timeout=LOOK_EVERY_S).done:
            look()
        return thread, run.started.result()

    def succeeded(self) -> None:
        with self._lock:
            self._rest.succeeded()

    def drop(self, session: "Session", fault: str = "") -> None:
        """That one is of no use any more; a failure unless `fault` is empty."""
        with self._lock:
            if self._run is None or self._run.session is not session or self._thread is None:
                return
            self._thread.portal.start_task_soon(session.stop, fault)
            self._run = None
            if fault:
                self._failed(fault)

    def close(self) -> None:
        """Ends the server and all that it started. Returns within seconds."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            thread, run = self._thread, self._run
            self._thread = self._run = None
        if thread:
            if run:
                thread.portal.start_task_soon(run.session.stop, "was closed")
                wait_for([run.ended], timeout=CLOSE_S)
            thread.close()
            atexit.unregister(self.close)

    def _loop(self) -> "LoopThread":
        if self._thread is None:
            from agent.mcp.running.wire.quiet import hush
            from agent.mcp.running.wire.thread import LoopThread

            hush()
            atexit.register(self.close)
            self._thread = LoopThread(self._entry.name)
        return self._thread

    def _start(self, thread: "LoopThread") -> _Run:
        from agent.mcp.running.wire.session import Session

        session, started = Session(self._entry, self._handlers, self._limits), Future["Session"]()
        started.add_done_callback(lambda _started: self._note_start(session, started.exception()))
        self.starts += 1
        return _Run(session, started, thread.portal.start_task_soon(session.run, started))

    def _note_start(self, session: "Session", error: BaseException | None) -> None:
        """On the server's loop."""
        with self._lock:
            if error is None or self._run is None or self._run.session is not session:
                return
            if isinstance(error, SignInNeededError):  # no fault of the server's, and nothing that a rest would mend
                self._run = None
            else:
                self._failed(error.what if isinstance(error, McpError) else session.fault)

    def _failed(self, reason: str) -> None:
        self._run = None
        self._rest.failed()
        self.reason = reason

    def _refuse(self) -> None:
        name = self._entry.name
        if self._closed:
            raise ServerUnreachableError(f"The server {name} was closed.", name, "Nothing was asked of it.")
        if (left := self._rest.left_s()) <= 0:
            return
        raise ServerRestingError(
            f"The server {name} failed {self._rest.failures} times: {self.reason.rstrip('.')}.", name,
            f"It is started again in {left:.0f} s; its settings may need a look.", after_s=left,
        )  # fmt: skip
