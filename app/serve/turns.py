"""One answer at a time, the others in a bounded line; whoever comes beyond that is told to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.serve.errors import Refusal

WAITING_MAX = 8
WAIT_S = 600.0
AGAIN_S = 5


class Turns:
    """A place is held from the first byte of a request to the last of its answer, a turn only while it is answered."""

    def __init__(self, waiting_max: int = WAITING_MAX, wait_s: float = WAIT_S) -> None:
        self._places = waiting_max + 1
        self._wait_s = wait_s
        self._held = 0
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many stand in line behind the one that is answered."""
        return max(0, self._held - 1)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        if self._held >= self._places:
            raise self._busy(f"{self.waiting} requests wait already")
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turn.acquire()
        except TimeoutError:
            raise self._busy(f"this one has waited for {self._wait_s:g} seconds") from None
        try:
            yield
        finally:
            self._turn.release()

    def _busy(self, why: str) -> Refusal:
        return Refusal(
            429, f"The model gives one answer at a time, and {why}.", todo="Ask again a little later.", code="busy",
            after_s=AGAIN_S,
        )  # fmt: skip
