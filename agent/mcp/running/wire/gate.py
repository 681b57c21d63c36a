"""The moment before a request leaves. A caller who must write something down first (the outbox: "from here on it may
have happened") is asked for it, and the request leaves only with a yes."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from agent.mcp.errors import McpError

KEY_META = "io.carryon/idempotency-key"


class NotOfferedError(Exception):
    """The caller withdrew; the request was not written."""


TOLD_MAX = 100
TOLD = "io.carryon/failure"  # in the data of an error that this side made up


class Gate:
    """By the key that a request carries. `failures`: what went wrong below the protocol, by the same key. What has
    none, such as a question for a list, is told by a word that only this side knows."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callable[[], Future[bool]]] = {}
        self.failures: dict[str, McpError] = {}
        self._told: dict[str, McpError] = {}

    def expect(self, key: str, ask: Callable[[], "Future[bool]"]) -> None:
        self._waiting[key] = ask

    def forget(self, key: str) -> None:
        self._waiting.pop(key, None)
        self.failures.pop(key, None)

    def note(self, key: str, failure: McpError) -> None:
        if key:
            self.failures.setdefault(key, failure)

    def tell(self, failure: McpError) -> dict[str, str]:
        """For the data of an error, by which `told` finds it again."""
        word = secrets.token_hex(16)
        self._told[word] = failure
        while len(self._told) > TOLD_MAX:
            del self._told[next(iter(self._told))]
        return {TOLD: word}

    def told(self, data: Any) -> McpError | None:
        word = data.get(TOLD) if isinstance(data, Mapping) else None
        return self._told.pop(word, None) if isinstance(word, str) else None

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
