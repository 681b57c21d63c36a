"""The line to one server, for any thread: tools, resources, prompts. Nothing is started before the first question."""

import threading
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from agent.mcp.errors import CallCancelledError, ServerFailedError, ServerUnreachableError, SessionGoneError
from agent.mcp.handlers import Handlers
from agent.mcp.limits import CALLS_AT_ONCE_MAX, LOOK_EVERY_S, Limits
from agent.mcp.outcomes import Arguments, CallOutcome, Passage, Step
from agent.mcp.records import Listing, ServerEntry
from agent.mcp.running.board import Board
from agent.mcp.running.supervisor import State, Supervisor
from agent.mcp.running.waiting import EndedError, StoppedError, TooLateError, Waiting
from sync.transports import attempt

if TYPE_CHECKING:
    from agent.mcp.running.wire.session import Session

Answer = TypeVar("Answer")
Found = TypeVar("Found")
Ask = Callable[["Session"], Coroutine[Any, Any, Answer]]
BEYOND_S = 60.0  # for the start of a server, and its turn


class Line:
    """`call`, `list`, `read` and `prompt` raise McpError and return within the bounds of `limits`."""

    def __init__(self, entry: ServerEntry, handlers: Handlers, limits: Limits) -> None:
        self.entry = entry
        self._at_most_s = limits.total_s + limits.ask_s + BEYOND_S
        self._board = Board()
        self._supervisor = Supervisor(entry, replace(handlers, stage=self._board.stage), limits)
        self._seats = threading.BoundedSemaphore(CALLS_AT_ONCE_MAX)

    @property
    def state(self) -> State:
        return self._supervisor.state

    @property
    def starts(self) -> int:
        """How often it was started."""
        return self._supervisor.starts

    def call(
        self, tool: str, args: Arguments, *, digest: str = "", key: str = "",
        cancel: threading.Event | None = None, progress: Callable[[Step], None] | None = None,
        before: Callable[[], None] | None = None, within_s: float = 0.0,
    ) -> CallOutcome:  # fmt: skip
        """`digest`: of the declaration that the user looked at, "" to take the tool as it is; `key`: the same for every
        repeat of one effect. `progress` and `before` run on this thread; `before`, once, immediately before the request
        leaves: what it raises is raised here and nothing leaves. After `cancel` is set this returns within a second.
        `within_s`: all of it, the start of the server too; 0 for what the limits say."""
        waiting: Waiting[CallOutcome] = Waiting(cancel, progress, within_s or self._at_most_s)
        once = _once(before) if before else None
        own = key or str(uuid.uuid4())

        async def ask(session: "Session") -> CallOutcome:
            from agent.mcp.running.wire.talk import Call

            offer = waiting.offer if once else None
            return await session.call(Call(tool, args, own, digest, offer, waiting.step if progress else None))

        return self._seated(ask, waiting, once, own)

    def list(self, *, cancel: threading.Event | None = None) -> Listing:
        """All that the server says it has, asked now."""
        return self._seated(lambda session: session.list(), Waiting(cancel, None, self._at_most_s))

    def read(self, uri: str, *, cancel: threading.Event | None = None) -> CallOutcome:
        return self._seated(lambda session: session.read(uri), Waiting(cancel, None, self._at_most_s))

    def prompt(self, name: str, args: dict[str, str], *, cancel: threading.Event | None = None) -> tuple[Passage, ...]:
        return self._seated(lambda session: session.prompt(name, args), Waiting(cancel, None, self._at_most_s))

    def close(self) -> None:
        """Ends the server and all that it started."""
        self._supervisor.close()

    def _seated(
        self, ask: Ask[Answer], waiting: Waiting[Answer], before: Callable[[], None] | None = None, key: str = ""
    ) -> Answer:
        """How far it is, is told to the attempt that this thread makes."""
        self._before(waiting, lambda: self._take_seat(waiting))
        try:
            with self._board.waiting(key or str(uuid.uuid4()), attempt.current()):
                try:
                    return self._asked(ask, waiting, before)
                except SessionGoneError:  # it surely did nothing, so a new session may be asked
                    return self._asked(ask, waiting, before)
        finally:
            self._seats.release()

    def _asked(self, ask: Ask[Answer], waiting: Waiting[Answer], before: Callable[[], None] | None) -> Answer:
        thread, session = self._before(waiting, lambda: self._supervisor.session(waiting.look))
        name, loop = self.entry.name, thread.portal
        try:
            answer = waiting.result(loop.start_task_soon(ask, session), before)
        except StoppedError as error:
            loop.start_task_soon(session.still_there)
            raise CallCancelledError(
                f"The call was taken back; {name} was told so.", name, "It may have been done before that."
            ) from error
        except TooLateError as error:
            loop.start_task_soon(session.still_there)
            raise ServerFailedError(
                f"The server {name} took too long.", name, "It may have been done all the same: look there."
            ) from error
        except EndedError as error:
            raise ServerFailedError(
                f"The server {name} was ended in the middle of it.", name, "It may have been done: look there."
            ) from error
        except SessionGoneError:
            self._supervisor.drop(session)
            raise
        except ServerFailedError:
            loop.start_task_soon(session.still_there)
            raise
        self._supervisor.succeeded()
        return answer

    def _take_seat(self, waiting: Waiting[Any]) -> None:
        while not self._seats.acquire(timeout=LOOK_EVERY_S):
            waiting.look()

    def _before(self, waiting: Waiting[Any], step: Callable[[], Found]) -> Found:
        """What comes before anything is asked of the server."""
        name = self.entry.name
        try:
            return step()
        except StoppedError as error:
            raise CallCancelledError("The call was taken back before it was made.", name) from error
        except TooLateError as error:
            raise ServerUnreachableError(
                f"The server {name} did not come to it in time; at most {CALLS_AT_ONCE_MAX} calls run at once.", name,
                "Nothing was asked of it; try it again later.",
            ) from error  # fmt: skip


def connect(entry: ServerEntry, handlers: Handlers | None = None, limits: Limits | None = None) -> Line:
    """The line to a server; it is started, or opened, at the first question."""
    return Line(entry, handlers or Handlers(), limits or Limits())


def _once(before: Callable[[], None]) -> Callable[[], None]:
    """A repeat over a new session is the same offer."""
    done = threading.Event()

    def offer() -> None:
        if not done.is_set():
            before()
            done.set()

    return offer
