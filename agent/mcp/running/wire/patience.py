"""How long one server may take over a question: so long without a sign of life, and so long in all."""

import contextlib
import math
from collections.abc import Iterator

import anyio

from agent.mcp.errors import ServerFailedError
from agent.mcp.limits import Limits
from agent.mcp.records import ServerEntry
from agent.mcp.running.wire.opened import Signs


class Patience:
    """`busy`: whether something is being asked now."""

    def __init__(self, entry: ServerEntry, limits: Limits, signs: Signs) -> None:
        self._entry, self._limits, self._signs = entry, limits, signs
        self._ends: dict[anyio.CancelScope, float] = {}
        self._asking = False
        signs.listeners.add(self._seen)

    @property
    def busy(self) -> bool:
        return bool(self._ends)

    @contextlib.contextmanager
    def bounded(self) -> Iterator[None]:
        """Raises ServerFailedError when it took too long; what is inside was cancelled then."""
        scope = anyio.CancelScope()
        self._ends[scope] = anyio.current_time() + self._limits.total_s
        self._seen()
        try:
            with scope:
                yield
        finally:
            del self._ends[scope]
        if scope.cancelled_caught:
            raise self._too_late()

    def asking(self, asking: bool) -> None:
        """While the user is asked, the server waits for us and not we for it."""
        self._asking = asking
        now = anyio.current_time()
        for scope, end in self._ends.items():
            self._ends[scope] = max(end, now + self._entry.timeout_s)
            if asking:
                scope.deadline = math.inf
        self._seen()

    def _seen(self) -> None:
        if not self._asking:
            for scope, end in self._ends.items():
                scope.deadline = min(anyio.current_time() + self._entry.timeout_s, end)

    def _too_late(self) -> ServerFailedError:
        stray = " It answered, but to a question that was never asked." if self._signs.strays else ""
        return ServerFailedError(
            f"The server {self._entry.name} did not answer in time.{stray}", self._entry.name,
            f"It may have been done all the same: look there. servers.{self._entry.name}.timeout gives it longer.",
        )  # fmt: skip
