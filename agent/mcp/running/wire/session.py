"""One connection to one server, from its greeting to its end. All of it runs on the server's own loop."""

import contextlib
import math
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar

import anyio
import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from agent.mcp.errors import McpError
from agent.mcp.handlers import Handlers
from agent.mcp.limits import Limits
from agent.mcp.outcomes import CallOutcome, Passage
from agent.mcp.records import Listing, ServerEntry
from agent.mcp.running.addresses import sendable
from agent.mcp.running.framing import BrokeRulesError
from agent.mcp.running.wire.answering import Answering
from agent.mcp.running.wire.gate import Gate
from agent.mcp.running.wire.http import http
from agent.mcp.running.wire.opened import Opened, Signs
from agent.mcp.running.wire.patience import Patience
from agent.mcp.running.wire.sorting import Sorting
from agent.mcp.running.wire.stdio import stdio
from agent.mcp.running.wire.talk import Call, Talk
from agent.mcp.running.wire.words import Words, where_of

Said = TypeVar("Said")
CLIENT = types.Implementation(name="carryon", title="Carryon", version="1")
MODERN_ONLY = (types.UNSUPPORTED_PROTOCOL_VERSION, types.METHOD_NOT_FOUND)


class Session:
    """`run` holds it open; the other coroutines are for while it is."""

    def __init__(self, entry: ServerEntry, handlers: Handlers, limits: Limits) -> None:
        self._entry, self._handlers, self._limits = entry, handlers, limits
        self._gate, self._signs, self._words = Gate(), Signs(handlers.stage), Words(entry)
        self._patience = Patience(entry, limits, self._signs)
        self._stop, self._ended = anyio.Event(), anyio.Event()
        self._opened: Opened | None = None
        self._talk: Talk | None = None
        self._fault = ""

    async def run(self, started: "Future[Session]") -> None:
        """`started` is set after the greeting, to this, or to the McpError that came before that."""
        failure: McpError = self._words.unreachable("was stopped while it started")
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + self._limits.start_s) as starting:
                async with contextlib.AsyncExitStack() as stack:
                    self._opened = opened = await stack.enter_async_context(self._open())
                    self._talk = await self._greet(stack, opened)
                    starting.deadline = math.inf
                    started.set_result(self)
                    await self._until_the_end(opened)
            if starting.cancelled_caught:
                failure = self._words.unreachable(f"did not say hello within {self._limits.start_s:g} s")
        except Exception as error:  # noqa: BLE001  whatever a stranger's server brings about here is said as its fault
            failure = self._words.at_start(error, self._opened)
        finally:
            self._ended.set()
            if not started.done():
                started.set_exception(failure)

    @property
    def over(self) -> bool:
        """Whether nothing can be asked over it any more; true before its server is quite gone."""
        lost = self._opened is not None and self._opened.lost.is_set()
        return lost or self._stop.is_set() or self._ended.is_set()

    @property
    def fault(self) -> str:
        """Why it is over."""
        return self._fault or (self._opened.why() if self._opened else "could not be started")

    def stop(self, fault: str = "") -> None:
        self._fault = self._fault or fault
        self._stop.set()

    async def call(self, call: Call) -> CallOutcome:
        with self._patience.bounded():
            await self._asked(lambda talk: talk.check(call))
            return await self._asked(lambda talk: talk.call(call), call.key)

    async def list(self) -> Listing:
        with self._patience.bounded():
            return await self._asked(lambda talk: talk.list())

    async def read(self, uri: str) -> CallOutcome:
        with self._patience.bounded():
            return await self._asked(lambda talk: talk.read(uri))

    async def prompt(self, name: str, args: dict[str, str]) -> tuple[Passage, ...]:
        with self._patience.bounded():
            return await self._asked(lambda talk: talk.prompt(name, args))

    async def still_there(self) -> None:
        """After a call was given up: one that does not even answer to this, or hangs again and again, is ended."""
        if not self._patience.busy and self._signs.unanswered > self._limits.abandoned_max:
            self.stop("left too many calls unanswered")
            return
        try:
            with anyio.fail_after(self._limits.ping_s):
                await self._asked(lambda talk: talk.ping())
        except TimeoutError:
            self.stop("does not answer any more")
        except McpError:
            return  # it answered, if only with a no

    def _open(self) -> "contextlib.AbstractAsyncContextManager[Opened]":
        reveal = self._handlers.reveal
        if self._entry.url:
            headers = sendable(self._entry, {name: reveal(value) for name, value in self._entry.headers.items()})
            handlers = self._handlers
            return http(self._entry, headers, handlers.allows, self._limits, self._gate, self._signs, handlers.sign_ins)
        env = {name: reveal(value) for name, value in self._entry.env.items()}
        return stdio(self._entry, env, self._limits, self._gate, self._signs)

    async def _greet(self, stack: contextlib.AsyncExitStack, opened: Opened) -> Talk:
        answering = Answering(self._entry, self._handlers, self._limits, self._patience.asking)
        sorting = Sorting(opened.reading, opened.writing)
        session = await stack.enter_async_context(
            ClientSession(
                dispatcher=sorting, client_info=CLIENT, elicitation_callback=answering.elicit,
                list_roots_callback=answering.roots if self._entry.roots else None,
                logging_callback=answering.log, message_handler=answering.note,
            )
        )  # fmt: skip
        sorting.version = lambda: session.protocol_version
        try:
            await session.initialize()
        except MCPError as error:
            if error.code not in MODERN_ONLY:
                raise
            await session.discover()  # a server that knows only the protocol without a greeting
        return Talk(self._entry.name, session, sorting, self._gate, answering)

    async def _until_the_end(self, opened: Opened) -> None:
        async with anyio.create_task_group() as tasks:

            async def lost() -> None:
                await opened.lost.wait()
                self.stop(opened.why())

            tasks.start_soon(lost)
            await self._stop.wait()
            tasks.cancel_scope.cancel()

    async def _asked(self, ask: Callable[[Talk], Awaitable[Said]], key: str = "") -> Said:
        """What it said, or the error that its silence or refusal means."""
        if self._talk is None or self.over:
            raise self._words.failed(self.fault)
        try:
            return await ask(self._talk)
        except MCPError as error:
            known = self._gate.failures.get(key) or self._gate.told(error.data)
            raise known or await self._meaning(error) from error
        except ValidationError as error:
            raise self._words.failed(f"answered what is no answer to the question{_at(where_of(error))}") from error
        except BrokeRulesError as error:
            raise self._words.failed(str(error)) from error
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise await self._gone() from error
        finally:
            self._gate.forget(key)

    async def _meaning(self, error: MCPError) -> McpError:
        return await self._gone(error.message) if self._words.is_closed(error) else self._words.refused(error)

    async def _gone(self, said: str = "") -> McpError:
        opened = self._opened
        if opened is None or not self._entry.command or self._stop.is_set():
            return self._words.failed(self._fault or f"broke off: {said[:200].rstrip('.')}")
        with anyio.move_on_after(self._limits.grace_s * 2):
            await opened.lost.wait()
        return self._words.failed(self._fault or opened.why())


def _at(place: str) -> str:
    return f", at {place}" if place else ""
