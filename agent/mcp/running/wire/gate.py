"""The moment before a request leaves. A caller who must write something down first (the outbox: "from here on it may
have happened") is asked for it, and the request leaves only with a yes."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from agent.mcp.errors import McpError

KEY_META = "io.carryon/idempotency-key"


class NotOfferedError(Exception):
    """The caller withdrew; the request was not written."""


class Gate:
    """By the key that a request carries. `failures`: what went wrong below the protocol, by the same key."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callable[[], Future[bool]]] = {}
        self.failures: dict[str, McpError] = {}

    def expect(self, key: str, ask: Callable[[], "Future[bool]"]) -> None:
        self._waiting[key] = ask

    def forget(self, key: str) -> None:
        self._waiting.pop(key, None)
        self.failures.pop(key, None)

    def note(self, key: str, failure: McpError) -> None:
        if key:
            self.failures.setdefault(key, failure)

    async def let_through(self, key: str) -> None:
        """Once for each key: what is repeated under it was offered already. Raises NotOfferedError."""
        ask = self._waiting.pop(key, None)
        if ask is not None and not await asyncio.wrap_future(ask()):
            raise NotOfferedError


def key_of(params: Mapping[str, Any] | None) -> str:
    """The key that a request's params carry, "" for none."""
    meta = (params or {}).get("_meta")
    key = meta.get(KEY_META) if isinstance(meta, Mapping) else None
    return key if isinstance(key, str) else ""
