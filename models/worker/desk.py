"""The worker's end of the pipes: a thread reads orders, the main thread carries them out one by one.

Pings and cancels are answered at once, also while llama.cpp computes (it lets go of Python's lock). When the parent
goes away, its end of stdin closes and the process ends on the spot, whatever it was doing; only a state that is being
written down after an answer has a moment to get there.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO, Protocol

from models import wire
from models.contracts import ToolCall
from models.errors import ModelError, TemplateError
from models.worker.engine import Leave
from models.worker.pacing import Pacing

EXIT_DONE, EXIT_BAD_ORDER, EXIT_REFUSED, EXIT_TEMPLATE, EXIT_FAULT = 0, 2, 3, 4, 5
SETTLE_SECONDS = 2.0  # that a worker whose parent is gone may still take to write down a state
CANCELLED_KEPT = 16  # ids; the host has one request running at a time


class _LeftError(Exception):
    """The request was cancelled."""


class Say(Protocol):
    """Hands out what the asker is to have at once: a piece of text, or a call."""

    def __call__(self, piece: str | ToolCall, *, thinking: bool = False) -> None: ...


class Model(Protocol):
    """What the desk serves: seat.py's loaded model."""

    def steps(self) -> int: ...

    def serve(self, order: wire.Line, leave: Leave, say: Say) -> wire.Line:
        """Carry out a request; the line that ends it, without its id."""
        ...

    def settle(self) -> None:
        """What is left to do once a request has ended and the asker knows."""
        ...


class Desk:
    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._orders = orders
        self._answers = answers
        self._writing = threading.Lock()
        self._settling = threading.Lock()
        self._inbox: queue.SimpleQueue[wire.Line] = queue.SimpleQueue()
        self._cancelled: deque[Any] = deque(maxlen=CANCELLED_KEPT)
        self._current: Any = None
        self.steps: Callable[[], int] = lambda: 0

    def open(self) -> None:
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def say(self, event: str, **values: Any) -> None:
        data = wire.encode({"event": event, **values})
        try:
            with self._writing:
                self._answers.write(data)
                self._answers.flush()
        except OSError:
            os._exit(EXIT_DONE)  # nobody listens any more

    def work(self, model: Model) -> None:
        """Serve requests until the process ends."""
        while True:
            self._serve(model, self._inbox.get())

    def overdue(self, error: TemplateError) -> None:
        """Called from a timer: the template cannot be stopped, so the process is."""
        self.say("error", id=self._current, error=error.record())
        os._exit(EXIT_TEMPLATE)

    def _serve(self, model: Model, order: wire.Line) -> None:
        self._current = asked = order["id"]
        index = -1

        def leave() -> None:
            if asked in self._cancelled:
                raise _LeftError

        def send(text: str, *, thinking: bool) -> None:
            nonlocal index
            index += 1
            self.say("delta", id=asked, index=index, text=text, thinking=thinking)

        pacing = Pacing(send)

        def say(piece: str | ToolCall, *, thinking: bool = False) -> None:
            if isinstance(piece, str):
                pacing.say(piece, thinking=thinking)
                return
            pacing.flush()
            self.say("called", id=asked, call=asdict(piece))

        try:
            leave()
            ended = model.serve(order, leave, say)
        except _LeftError:
            ended = {"event": "cancelled"}
        except ModelError as error:
            ended = {"event": "error", "error": error.record()}
        pacing.flush()
        with self._settling:
            self.say(**ended, id=asked)
            model.settle()

    def _listen(self) -> None:
        code = EXIT_DONE
        try:
            for order in wire.lines(self._orders):
                self._take(order)
        except wire.WireError as error:
            code = EXIT_BAD_ORDER
            sys.stderr.write(f"broken order: {error}\n")
            sys.stderr.flush()
        self._settling.acquire(timeout=SETTLE_SECONDS)
        os._exit(code)

    def _take(self, order: wire.Line) -> None:
        match order.get("op"):
            case "ping":
                self.say("pong", n=order.get("n"), work=self.steps())
            case "cancel":
                self._cancelled.append(order.get("id"))
            case "shutdown":
                self._settling.acquire(timeout=SETTLE_SECONDS)
                os._exit(EXIT_DONE)
            case "decide" | "chat" | "embed":
                self._inbox.put(order)
            case other:
                raise wire.WireError(f"unknown op {other!r}")


def fault() -> None:
    """An error that nobody foresaw: its words go to stderr, where the host reads the last of them."""
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(EXIT_FAULT)
