"""A lane beside the session's thread: one piece of work after the other, each of which can be stopped.

Its thread begins with the first piece and ends with the process, or when the lane is ended.
"""

import threading
from collections import deque
from typing import Protocol

from agent.session.ending import Ending

WAITING_MAX = 8
JOIN_SECONDS_MAX = 5.0  # for what is stopped to notice it; whoever needs longer ends with the process


class Work(Protocol):
    """`run` is called on the lane's thread, raises nothing, and ends soon after `stop`, which comes from another."""

    def run(self) -> None: ...

    def stop(self) -> None: ...


class Lane:
    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._waiting: deque[Work] = deque()
        self._going: Work | None = None
        self._ended = False
        self._thread: threading.Thread | None = None

    def put(self, work: Work) -> bool:
        """At the end of the line; False when that is full."""
        with self._changed:
            if self._ended or len(self._waiting) >= WAITING_MAX:
                return False
            self._waiting.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def take_out(self, work: Work) -> bool:
        """Whether it was still waiting, and now is no more."""
        with self._changed:
            if work not in self._waiting:
                return False
            self._waiting.remove(work)
            return True

    def end(self) -> None:
        """Stop what goes on, forget what waits, take nothing more."""
        with self._changed:
            self._ended = True
            self._waiting.clear()
            if self._going is not None:
                self._going.stop()
            self._changed.notify()

    def join(self, ending: Ending) -> None:
        """After `end`."""
        if self._thread is not None:
            ending.wait_for(self._thread, JOIN_SECONDS_MAX)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            work.run()

    def _next(self) -> Work | None:
        with self._changed:
            self._going = None
            self._changed.wait_for(lambda: self._ended or bool(self._waiting))
            if self._ended:
                return None
            self._going = self._waiting.popleft()
            return self._going
