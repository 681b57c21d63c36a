"""The one object between the core's threads and the main thread.

The core calls `receive` from its own threads; the bridge keeps the events in order, joins runs of tokens, and hands
them over on the main thread in slices short enough that nothing is ever held up for longer than a frame.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from agent.protocol.commands import Command
from agent.protocol.events import Event, TokenArrived

SLICE_MS_MAX = 8.0  # half a frame at 60 Hz; the other half is for painting


class Core(Protocol):
    """What the window needs of the agent. `submit` never blocks; events come to the `emit` given at construction."""

    def submit(self, command: Command) -> None: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class EventQueue:
    """Events from any thread, in order. Neighbouring tokens of one turn are joined, so speed costs few paints."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: deque[Event] = deque()

    def put(self, event: Event) -> bool:
        """Keep the event; True when the queue was empty, that is, when somebody has to be woken."""
        with self._lock:
            was_empty = not self._events
            last = self._events[-1] if self._events else None
            if isinstance(event, TokenArrived) and isinstance(last, TokenArrived) and last.turn_id == event.turn_id:
                self._events[-1] = replace(last, text=last.text + event.text)
            else:
                self._events.append(event)
            return was_empty

    def take(self) -> Event | None:
        with self._lock:
            return self._events.popleft() if self._events else None


class Bridge(QObject):
    """Delivers events to `handler` on the thread that made the bridge."""

    _woken = Signal()

    def __init__(self, handler: Callable[[Event], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handler = handler
        self._queue = EventQueue()
        self._closed = False
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def receive(self, event: Event) -> None:
        """Called from any thread; returns at once."""
        if self._queue.put(event) and not self._closed:
            self._woken.emit()

    def close(self) -> None:
        """Deliver nothing more: the window is going."""
        self._closed = True

    def _drain(self) -> None:
        until = time.perf_counter() + SLICE_MS_MAX / 1000
        while not self._closed and (event := self._queue.take()) is not None:
            self._handler(event)
            if time.perf_counter() > until:
                QTimer.singleShot(0, self._drain)
                return
