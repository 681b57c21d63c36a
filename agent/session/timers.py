"""Timers ring: a thread that sleeps until the next one is due, on a connection of its own.

A timer is a row, so it also rings after a restart; the row says which process reported it, so it rings once.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from types import TracebackType

from agent.library import Library
from agent.paths import Paths
from agent.protocol.events import Event, TimerRang
from agent.session.ending import Ending
from agent.store import connect

LOOK_AGAIN_S = 30.0  # another process may have set one; also bounds the harm of a clock that was moved
JOIN_SECONDS_MAX = 2.0


class Timers:
    def __init__(self, paths: Paths, emit: Callable[[Event], None], ending: Ending) -> None:
        self._paths = paths
        self._emit = emit
        self._ending = ending
        self._wake = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)

    def nudge(self) -> None:
        """A timer may have been set: look now."""
        self._wake.set()

    def leave(self) -> None:
        """End soon, without being waited for."""
        self._stop = True
        self._wake.set()

    def __enter__(self) -> "Timers":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()
        self._ending.wait_for(self._thread, JOIN_SECONDS_MAX)

    def _run(self) -> None:
        with closing(connect(self._paths.database)) as connection:
            library = Library(connection, time.time)
            while not self._stop:
                self._ring(library)
                self._wake.wait(self._seconds(library))
                self._wake.clear()

    def _ring(self, library: Library) -> None:
        for timer in library.due_timers():
            if library.timer_rang(timer.id):
                self._emit(TimerRang(label=timer.label, artifact_id=timer.id))

    @staticmethod
    def _seconds(library: Library) -> float:
        rings = [timer.rings_at / 1_000 - time.time() for timer in library.waiting_timers()]
        return min(max(min(rings, default=LOOK_AGAIN_S), 0.0), LOOK_AGAIN_S)
