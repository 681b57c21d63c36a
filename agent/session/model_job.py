"""One job with a model that goes on beside the conversation: what it tells on its way, how it is stopped, how it ended.

What it does runs on a lane; what comes of it (the list of models, settings) is done on the session's thread afterwards,
so that nothing of the profile is touched from two sides.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.explain import explain
from agent.protocol.events import Event, ModelJobChanged
from agent.protocol.records import ModelJob
from models.errors import CancelledError, NewVersionError

if TYPE_CHECKING:
    from models.downloads import Step

TOLD_EVERY_S = 0.25
Finish = Callable[["Job"], Iterator[Event]]  # on the session's thread; may change how the job ended
Do = Callable[["Job"], Finish]


class Job:
    """`face` is what is shown of it. `is_denied`: whether the network is switched off, for jobs that need it."""

    def __init__(
        self,
        face: ModelJob,
        do: Do,
        emit: Callable[[Event], None],
        over: Callable[["Job"], None],
        is_denied: Callable[[], bool] = lambda: False,
    ) -> None:
        self.face = face
        self.drop = False  # what has arrived is to be thrown away once it has stopped
        self.held = False  # by the network's switch, not by the user
        self.finish: Finish | None = None
        self._do, self._emit, self._over, self._is_denied = do, emit, over, is_denied
        self._stop = threading.Event()
        self._told = threading.Lock()
        self._is_running = False  # a download's thread that comes late must not be heard
        self._told_at = 0.0

    # From the session's thread

    def waits(self) -> None:
        """In line, for the first time or once more."""
        self._stop.clear()
        self.held, self.finish = False, None
        self.ends("waiting", note="")

    def holds(self) -> None:
        """Kept back by the network's switch."""
        self.held = True
        self.ends("held", note="")

    def ends(self, state: str, **more: Any) -> None:
        """It is not going on, or no longer."""
        self._show(state=state, phase="", bytes_per_second=None, seconds_left=None, **more)

    def fails(self, error: BaseException) -> None:
        _, what, where, todo = explain(error)
        newer = isinstance(error, NewVersionError)
        self.ends("failed", why=what, where=where, todo="" if newer else todo, newer=newer or self.face.newer)

    def stop(self) -> None:
        self._stop.set()

    # From the lane's

    def run(self) -> None:
        with self._told:
            self._is_running = True
            self._show(state="going")
        finish = self._outcome()
        with self._told:
            self._is_running = False
        self.finish = finish
        self._over(self)

    def _outcome(self) -> Finish:
        try:
            return _stopped if self._stop.is_set() else self._do(self)
        except CancelledError:
            return _stopped
        except Exception as error:  # noqa: BLE001  told to the user by the session's thread, whatever it was
            return _failing(error)

    def reached(self, done: int, total: int) -> bool:
        """False: stop."""
        return self._goes_on(done=done, total=total)

    def stepped(self, step: "Step") -> bool:
        """Of a download. A note stays until the next one; when the network waits, the reason is only for now."""
        if self._is_denied():
            self.held = True
            self._stop.set()
        return self._goes_on(
            phase=step.phase, done=step.done, total=step.total, note=step.note,
            bytes_per_second=step.bytes_per_second, seconds_left=step.seconds_left,
        )  # fmt: skip

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def _goes_on(self, **changes: Any) -> bool:
        with self._told:
            if not self._is_running:
                return False
            now = time.monotonic()
            if now - self._told_at >= TOLD_EVERY_S:
                self._told_at = now
                self._show(**changes)
            else:
                self.face = replace(self.face, **changes)
        return not self._stop.is_set()

    def _show(self, **changes: Any) -> None:
        self.face = replace(self.face, **changes)
        self._emit(ModelJobChanged(job=self.face))


def _stopped(job: Job) -> Iterator[Event]:
    if job.held:
        job.holds()
    else:
        job.ends("paused" if job.face.kind == "fetch" else "stopped", note="")
    yield from ()


def _failing(error: Exception) -> Finish:
    def finish(job: Job) -> Iterator[Event]:
        job.fails(error)
        yield from ()

    return finish
