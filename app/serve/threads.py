"""A model blocks its thread, a server must not: its pieces cross over from one thread that asks.

When nobody waits for them any more the model is told to stop, and the turn is held until it has.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.contracts import ModelPort

T = TypeVar("T")
Ask = Callable[[ModelPort], Generator[T, None, None]]


class Job(Generic[T]):
    """What is asked of a model, in its thread."""

    def __init__(
        self, open_model: Callable[[], ModelPort], ask: Callable[[ModelPort], Generator[T, None, None]]
    ) -> None:
        self._open_model = open_model
        self._ask = ask
        self._model: ModelPort | None = None
        self._stopped = threading.Event()

    def pieces(self) -> Iterator[T]:
        self._model = model = self._open_model()
        if self._stopped.is_set():
            return
        pieces = self._ask(model)
        try:
            for piece in pieces:
                if self._stopped.is_set():  # a cancel that came just before the request began was not heard
                    return
                yield piece
        finally:
            pieces.close()

    def stop(self) -> None:
        """From any thread: no more is wanted."""
        self._stopped.set()
        if self._model is not None:
            self._model.cancel()


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


async def arriving(pool: Executor, job: Job[T]) -> AsyncGenerator[T, None]:
    """The job's pieces. There are no more than an answer has tokens, so they may run ahead of a slow client."""
    loop = asyncio.get_running_loop()
    box: asyncio.Queue[T | _End] = asyncio.Queue()

    def run() -> None:
        error: Exception | None = None
        try:
            for piece in job.pieces():
                loop.call_soon_threadsafe(box.put_nowait, piece)
        except Exception as failed:  # noqa: BLE001  it is raised where the pieces are awaited
            error = failed
        loop.call_soon_threadsafe(box.put_nowait, _End(error))

    done = loop.run_in_executor(pool, run)
    ended = False
    try:
        while True:
            item = await box.get()
            if isinstance(item, _End):
                ended = True
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        if not ended:
            job.stop()
        await asyncio.wait((done,))
