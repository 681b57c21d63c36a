"""What a server asks of this side, answered: folders, a question to the user, notes. Everything bounded."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.client.session import ClientRequestContext, IncomingMessage

from agent.mcp.handlers import Handlers
from agent.mcp.limits import LOG_CHARACTERS_MAX, LOG_LINES_A_MINUTE_MAX, QUESTIONS_A_CALL_MAX, Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.wire.questions import accepted, question

DECLINED = types.ElicitResult(action="decline")


class Answering:
    """`asking(True)` before the user is asked and `asking(False)` after: meanwhile no time-out runs."""

    def __init__(self, entry: ServerEntry, handlers: Handlers, limits: Limits, asking: Callable[[bool], None]) -> None:
        self._entry, self._handlers, self._limits, self._asking = entry, handlers, limits, asking
        self._busy = False
        self._asked = 0
        self._minute, self._lines = 0.0, 0
        self.stale = False  # what it said of its tools is no longer so

    def new_call(self) -> None:
        self._asked = 0

    async def roots(self, context: ClientRequestContext) -> types.ListRootsResult:
        roots = [
            types.Root.model_validate({"uri": root.absolute().as_uri(), "name": root.name or None})
            for root in self._entry.roots
        ]
        return types.ListRootsResult(roots=roots)

    async def elicit(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        """One at a time and a few a call. A page to visit is declined: it would lead the user where a server wants."""
        if self._busy or self._asked >= QUESTIONS_A_CALL_MAX or not isinstance(params, types.ElicitRequestFormParams):
            return DECLINED
        asked = question(self._entry.name, params.message, params.requested_schema)
        if asked is None:
            return DECLINED
        self._busy, self._asked = True, self._asked + 1
        self._asking(True)
        answer: Any = None
        try:
            with anyio.move_on_after(self._limits.ask_s):
                answer = await anyio.to_thread.run_sync(self._handlers.ask, asked, abandon_on_cancel=True)
        finally:
            self._busy = False
            self._asking(False)
        values = accepted(asked, answer)
        return DECLINED if values is None else types.ElicitResult(action="accept", content=values)

    async def log(self, params: types.LoggingMessageNotificationParams) -> None:
        now = time.monotonic()
        if now - self._minute > 60:
            self._minute, self._lines = now, 0
        self._lines += 1
        if self._lines <= LOG_LINES_A_MINUTE_MAX:
            self._handlers.log(params.level, str(params.data)[:LOG_CHARACTERS_MAX])

    async def note(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification) and not self.stale:
            self.stale = True
            with contextlib.suppress(RuntimeError):
                self._handlers.tools_changed(self._entry.name)
