"""A network that wants a sign-in first: a real server on loopback that answers every request in its destination's
place, whatever is asked, and keeps every byte that it sees. After `signed_in` it passes all on to `behind` and keeps
nothing.

How it answers (`manner`): "redirect" to its page, "page" with 200, "511", or "silent": it takes all and says nothing.
"""

import contextlib
import select
import socket
import threading
import time
from types import TracebackType

SIGN_IN_PAGE = "http://hotel.example/welcome"
PIECE = 65_536
REQUEST_S = 5.0  # for the next request, or the rest of one
MANNERS = {
    "redirect": f"HTTP/1.1 302 Found\r\nLocation: {SIGN_IN_PAGE}?mac=00:11:22\r\n",
    "page": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    "511": "HTTP/1.1 511 Network Authentication Required\r\nContent-Type: text/html\r\n",
    "silent": "",
}
PAGE = b"<!DOCTYPE html><title>Welcome</title><p>Please sign in."


class Hotel:
    def __init__(self, behind: int, manner: str) -> None:
        self._behind, self._manner = behind, manner
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._signed_in = threading.Event()
        self.seen = b""
        self.connections = 0  # while nobody was signed in
        self.held_s = 0.0  # how long one of them stood at most
        self.over = threading.Event()  # one of them is over
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Hotel":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(5)
        self._listener.close()

    def signed_in(self) -> None:
        self._signed_in.set()

    def _serve(self) -> None:
        while not self._ended.is_set():
            if select.select([self._listener], [], [], 0.02)[0]:
                near, _ = self._listener.accept()
                threading.Thread(target=self._deal, args=(near,), daemon=True).start()

    def _deal(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if self._signed_in.is_set():
                self._pass_on(near)
            else:
                with self._lock:
                    self.connections += 1
                began = time.monotonic()
                try:
                    self._answer(near)
                finally:
                    self.held_s = max(self.held_s, time.monotonic() - began)
                    self.over.set()

    def _answer(self, near: socket.socket) -> None:
        """To each request of the connection, as long as it stands."""
        while not self._ended.is_set() and self._request(near):
            if self._manner != "silent":
                head = f"{MANNERS[self._manner]}Content-Length: {len(PAGE)}\r\nConnection: keep-alive\r\n\r\n"
                near.sendall(head.encode() + PAGE)

    def _request(self, near: socket.socket) -> bool:
        """Reads one whole; False where the other end is gone, or says nothing more."""
        request = b""
        while not _is_whole(request):
            if not select.select([near], [], [], REQUEST_S)[0] or not (piece := near.recv(PIECE)):
                return False
            request += piece
            with self._lock:
                self.seen += piece
        return True

    def _pass_on(self, near: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._behind), 5) as far:
            while not self._ended.is_set():
                for sock in select.select([near, far], [], [], 0.1)[0]:
                    piece = sock.recv(PIECE)
                    if not piece:
                        return
                    (near if sock is far else far).sendall(piece)


def _is_whole(request: bytes) -> bool:
    head, ended, body = request.partition(b"\r\n\r\n")
    sizes = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(ended) and len(body) >= int(sizes[0] if sizes else 0)
