"""A bound on a delivery as a whole. Time-outs of single reads do not stop a destination that sends a byte a second;
this closes its socket when the time is up, from a timer thread, and the blocked call returns with an error."""

import contextlib
import socket
import threading
from types import TracebackType


class Deadline:
    """`with Deadline(45) as deadline: deadline.guard(sock)`; `passed` says afterwards whether it struck."""

    def __init__(self, total_s: float) -> None:
        self._timer = threading.Timer(total_s, self._strike)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.passed = False

    def guard(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            late = self.passed
        if late:
            _shut(sock)

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _strike(self) -> None:
        with self._lock:
            self.passed = True
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)


def _shut(sock: socket.socket) -> None:
    """Past the TLS layer on purpose: its own shutdown would wait for the other side."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
