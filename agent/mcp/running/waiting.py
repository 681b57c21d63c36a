"""How a caller waits for what happens on a server's loop: everything that the caller gave (progress, the offer) is run
on the caller's own thread, and a word to stop is heard at once.
"""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from agent.mcp.limits import LOOK_EVERY_S
from agent.mcp.outcomes import Step

Value = TypeVar("Value")


class StoppedError(Exception):
    """The caller wants no more of it."""


class TooLateError(Exception):
    """It took longer than the caller waits."""


class EndedError(Exception):
    """The line was closed while the caller waited."""


@dataclass(frozen=True, slots=True)
class _Offer:
    reply: "Future[bool]"


class Waiting(Generic[Value]):
    """For one call, `at_most_s` from now. `step` and `offer` are called by the loop; the rest belongs to the caller."""

    def __init__(
        self, cancel: threading.Event | None, progress: Callable[[Step], None] | None, at_most_s: float
    ) -> None:
        self._cancel, self._progress = cancel, progress
        self._end = time.monotonic() + at_most_s
        self._events: queue.SimpleQueue[Step | _Offer | None] = queue.SimpleQueue()

    def step(self, step: Step) -> None:
        self._events.put(step)

    def offer(self) -> "Future[bool]":
        """The reply says whether the request may leave."""
        reply: Future[bool] = Future()
        self._events.put(_Offer(reply))
        return reply

    def look(self) -> None:
        """Raises StoppedError, TooLateError."""
        if self._cancel and self._cancel.is_set():
            raise StoppedError
        if time.monotonic() > self._end:
            raise TooLateError

    def result(self, task: "Future[Value]", before: Callable[[], None] | None) -> Value:
        """What the task brings or raises. `before` is called just before the request leaves; what it raises is raised
        here, and nothing leaves. Raises StoppedError, TooLateError, EndedError; the task is cancelled then."""
        task.add_done_callback(lambda _task: self._events.put(None))
        try:
            while self._take(before):
                self.look()
            return task.result()
        except CancelledError as error:
            raise EndedError from error
        finally:
            task.cancel()
            self._refuse_offers()

    def _take(self, before: Callable[[], None] | None) -> bool:
        """The next event, if one comes; False when the task is done and all before that was told."""
        try:
            event = self._events.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            return True
        if isinstance(event, Step) and self._progress:
            self._progress(event)
        elif isinstance(event, _Offer):
            self._answer(event, before)
        return event is not None

    def _answer(self, offer: _Offer, before: Callable[[], None] | None) -> None:
        may = False
        try:
            if before:
                before()
            may = True
        finally:
            offer.reply.set_result(may)

    def _refuse_offers(self) -> None:
        """One that came too late must not wait for ever on the loop."""
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return
            if isinstance(event, _Offer):
                event.reply.set_result(False)
