"""A bound on a delivery as a whole. Time-outs of single reads do not stop a destination that sends a byte a second;
this closes its socket when the time is up, from a timer thread, and the blocked call returns with an error."""

import contextlib
import socket
import threading
import time
from types import TracebackType

from sync.transports import attempt

TOO_LONG = "it took too long"


class Deadline:
    """`with Deadline(45) as deadline: deadline.guard(sock)`; `passed` says afterwards whether it struck, `why` why."""

    def __init__(self, total_s: float) -> None:
        self.ends_at = time.monotonic() + total_s
        self._timer = threading.Timer(total_s, self.strike)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.passed = False
        self.why = TOO_LONG

    def guard(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            late = self.passed
        if late:
            _shut(sock)

    def left_s(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.0)

    def strike(self, why: str = TOO_LONG) -> None:
        """Now. From any thread."""
        with self._lock:
            if not self.passed:
                self.passed, self.why = True, why
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)

    def __enter__(self) -> "Deadline":
        attempt.current().guarded_by(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()


def _shut(sock: socket.socket) -> None:
    """Past the TLS layer on purpose: its own shutdown would wait for the other side."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
