"""A bad network between Carryon and a real destination on loopback: real sockets, one fault at a time.

    with Lossy("127.0.0.1", receiver.port) as road:
        road.fault = "stall before"
        transport = Webhook("ops", f"http://127.0.0.1:{road.port}/", limits=...)
        ...
        road.heal()

What each fault does, to every connection that is made while it is set:

    none           passes everything on
    refused        nobody listens: the port answers with a reset
    syn black hole the backlog is full, so the system answers no SYN: connecting hangs
    stall before   the connection stands, and nothing is read from it
    stall after    the request is passed on and acted upon, the answer is kept back
    reset before   the connection is reset before anything is passed on
    reset within   the first half of the request is passed on, then both ends are reset
    reset after    the request is passed on whole, the answer's first bytes come, then a reset
    half-open      the request is passed on, then the far end is gone without a word: no answer, no end
    drip           the answer comes a byte at a time
    truncated      half of the answer's body comes, then an orderly end
    tls            somebody who speaks no TLS answers: rubbish, at once
    portal page    a page of its own, with 200; nothing is passed on
    429, 503       an answer of its own with Retry-After, for HTTP and (as 4xx) for SMTP; nothing is passed on
    portal         an answer of its own that redirects to a sign-in page; nothing is passed on

`proven`: a question for the way, which carries nothing (sync/transports/ways.py), passes whatever is set: the fault
strikes what comes after it.

`seen`: what was sent towards the destination while a fault was set, `connections`: how many were accepted.
`dead_resolver` gives name look-ups that hang until they are let go, as with a name server that never answers.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from unittest.mock import patch

from sync.transports.ways import PATH

FAULTS = (
    "none", "refused", "syn black hole", "stall before", "stall after", "reset before", "reset within", "reset after",
    "half-open", "drip", "truncated", "tls", "portal page", "429", "503", "portal",
)  # fmt: skip
RETRY_AFTER_S = 7
DRIP_S = 0.05
LISTEN_S = 5.0
BACKLOG_FILLERS = 8
PIECE = 65_536
ASKS = f"GET {PATH}".encode()

_WORDS = {
    "429": f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {RETRY_AFTER_S}\r\nContent-Length: 0\r\n\r\n",
    "503": f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_AFTER_S}\r\nContent-Length: 0\r\n\r\n",
    "portal": "HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/sign-in\r\nContent-Length: 0\r\n\r\n",
    "portal page": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<p>sign in</p>",
    "tls": "\x00\x01rubbish\r\n\r\n",
}
_MAIL_WORDS = {"429": "421 4.7.0 Too many connections\r\n", "503": "421 4.3.2 Not now\r\n"}


class Lossy:
    """One road to one destination; its `port` stays the same whatever happens on it."""

    def __init__(self, host: str, port: int, *, mail: bool = False, proven: bool = False) -> None:
        self._there = (host, port)
        self._proven = proven
        self._mail = mail
        self._fault = "none"
        self._ended = threading.Event()
        self._healed = threading.Event()
        self._open: list[socket.socket] = []
        self._fillers: list[socket.socket] = []
        self._lock = threading.Lock()
        self.connections = 0
        self.seen = b""
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Lossy":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.heal()
        for filler in self._fillers:
            filler.close()
        self._listener.close()
        self._thread.join(5)

    @property
    def fault(self) -> str:
        return self._fault

    @fault.setter
    def fault(self, name: str) -> None:
        assert name in FAULTS, name
        if self._fault in ("refused", "syn black hole") and name != self._fault:
            self._reopen(64)
        self._fault = name
        self._healed.clear()
        if name == "refused":
            self._listener.close()
            self._wait_until_refused()
        elif name == "syn black hole":
            self._reopen(0)
            self._fill()

    def heal(self) -> None:
        """Everything passes again; what hung in a fault is let go by a reset."""
        if not self._ended.is_set():
            self.fault = "none"
        self._healed.set()
        with self._lock:
            hanging, self._open = self._open, []
        for sock in hanging:
            reset(sock)

    # Inner

    def _listen(self, port: int, backlog: int = 64) -> socket.socket:
        """The old listener is gone only when the thread that waits on it looks up."""
        until = time.monotonic() + LISTEN_S
        while True:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen(backlog)
            except OSError:
                listener.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return listener

    def _reopen(self, backlog: int) -> None:
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        old = self._listener
        old.close()
        self._listener = self._listen(self.port, backlog)

    def _wait_until_refused(self) -> None:
        """As long as the thread that waits on it has not looked up, the closed one still takes connections."""
        until = time.monotonic() + LISTEN_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.005)

    def _fill(self) -> None:
        """Take every place in the backlog, so that the next SYN is dropped."""
        for _ in range(BACKLOG_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)
        select.select([], self._fillers, [], 0.2)

    def _serve(self) -> None:
        while not self._ended.is_set():
            listener = self._listener
            if self._fault in ("refused", "syn black hole"):
                self._ended.wait(0.01)
                continue
            try:
                ready, _, _ = select.select([listener], [], [], 0.02)
                if not ready or self._fault in ("refused", "syn black hole"):
                    continue
                near, _ = listener.accept()
            except (OSError, ValueError):  # it was closed meanwhile
                continue
            self.connections += 1
            with self._lock:
                self._open.append(near)
            threading.Thread(target=self._carry, args=(near, self._fault), daemon=True).start()

    def _carry(self, near: socket.socket, fault: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under its hands
            self._deal(near, fault)
        with self._lock:
            if near in self._open:
                self._open.remove(near)
        near.close()

    def _deal(self, near: socket.socket, fault: str) -> None:
        if self._proven and near.recv(len(ASKS), socket.MSG_PEEK | socket.MSG_WAITALL) == ASKS:
            fault = "none"
        if fault == "stall before":
            self._healed.wait(60)
        elif fault == "reset before":
            reset(near)
        elif fault in _WORDS:
            self._answer_alone(near, fault)
        else:
            with socket.create_connection(self._there, 5) as far:
                self._pass_on(near, far, fault)

    def _answer_alone(self, near: socket.socket, fault: str) -> None:
        if self._mail and fault in _MAIL_WORDS:
            near.sendall(_MAIL_WORDS[fault].encode())
        elif self._mail and fault.startswith("portal"):
            self._healed.wait(60)  # a portal answers no mail
            return
        else:
            self._take(near, 0.5)
            near.sendall(_WORDS[fault].encode())
        self._drain(near)

    def _take(self, near: socket.socket, wait_s: float) -> None:
        """What comes until it pauses."""
        while select.select([near], [], [], wait_s)[0]:
            piece = near.recv(PIECE)
            if not piece:
                return
            self.seen += piece
            wait_s = 0.05

    def _drain(self, near: socket.socket) -> None:
        """An orderly end: a reset could overtake the answer."""
        near.shutdown(socket.SHUT_WR)
        near.settimeout(1)
        while near.recv(PIECE):
            pass

    def _pass_on(self, near: socket.socket, far: socket.socket, fault: str) -> None:
        """Both ways until one end closes. A fault strikes once the decisive part is under way: for HTTP the request,
        for mail the text after DATA."""
        decisive = not self._mail
        while not self._ended.is_set():
            for sock in select.select([near, far], [], [], 0.1)[0]:
                piece = sock.recv(PIECE)
                if not piece:
                    return
                if sock is far:
                    decisive = decisive or piece.startswith(b"354")
                    if decisive and not piece.startswith(b"354") and not self._bring(near, piece, fault):
                        return
                    if not decisive or piece.startswith(b"354"):
                        near.sendall(piece)
                elif not self._send(near, far, piece, fault if decisive else "none"):
                    return

    def _send(self, near: socket.socket, far: socket.socket, piece: bytes, fault: str) -> bool:
        """Towards the destination. False when that was the end."""
        self.seen += piece
        if fault == "reset within":
            far.sendall(piece[: len(piece) // 2])
            reset(far)
            reset(near)
            return False
        far.sendall(piece)
        return True

    def _bring(self, near: socket.socket, piece: bytes, fault: str) -> bool:
        """The decisive answer. False when that was the end."""
        if fault in ("stall after", "half-open"):
            self._healed.wait(60)
            return False
        if fault == "reset after":
            near.sendall(piece[:5])
            time.sleep(0.02)  # so that the bytes are there before the reset
            reset(near)
            return False
        if fault == "truncated":
            near.sendall(piece[: max(len(piece) - 4, 1)])
            return False
        if fault == "drip":
            for byte in piece:
                near.sendall(bytes([byte]))
                if self._healed.wait(DRIP_S):
                    break
            return True
        near.sendall(piece)
        return True


def reset(sock: socket.socket) -> None:
    """An end without goodbye."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@contextlib.contextmanager
def dead_resolver(names: tuple[str, ...]) -> Iterator[Callable[[], None]]:
    """Look-ups of these names hang, as the system's own resolver does when no name server answers; what is yielded
    lets them go (they then fail, as after its time-out). Other names are looked up as ever."""
    let_go, real = threading.Event(), socket.getaddrinfo

    def look_up(host: str | bytes | None, *more: object, **named: object) -> object:
        if (host.decode() if isinstance(host, bytes) else host) in names:
            let_go.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(host, *more, **named)  # type: ignore[arg-type]

    with patch("socket.getaddrinfo", look_up):
        try:
            yield let_go.set
        finally:
            let_go.set()
