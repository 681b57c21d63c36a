"""Where the browser comes back to after a sign-in: a port of this machine that is open for one answer and no longer.

Whatever else knocks there, a page of somebody else's or another program, gets a short no and ends nothing.
"""

import asyncio
import secrets
import socket
import sys
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from mcp.shared.auth import AuthorizationCodeResult

HOST, PATH = "127.0.0.1", "/callback"
STRANGERS_MAX = 32  # a browser asks for an icon, too; beyond that only the right answer is read
AT_ONCE_MAX = 16
REQUEST_S = 5.0
FIELDS_MAX = 20
DONE = "Carryon has its answer. You can close this page and go back to Carryon."
NOT_GRANTED = "You were not signed in. You can close this page and go back to Carryon."
NOT_OURS = "This does not belong to a sign-in that Carryon began. Nothing happened."


class NotGrantedError(Exception):
    """The sign-in service said no; its code for that is the text."""


class Landing:
    """`uri`: what is registered and sent along. Used as a context manager."""

    def __init__(self) -> None:
        self._answer: Future[AuthorizationCodeResult] = Future()
        self._state = ""
        self._lock = threading.Lock()
        self._strangers, self._taken = 0, False
        self._server = _server(self)
        self.uri = f"http://{HOST}:{self._server.server_port}{PATH}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="mcp-sign-in-page", daemon=True
        )

    def __enter__(self) -> "Landing":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def expect(self, state: str) -> None:
        """Before this nothing is believed."""
        self._state = state

    async def answer(self) -> AuthorizationCodeResult:
        """Raises NotGrantedError."""
        return await asyncio.wrap_future(self._answer)

    def took(self, host: str, target: str) -> tuple[int, str, dict[str, str]]:
        """On a thread of the request: status, words, and what is to be settled, {} for nothing."""
        path, _, query = target.partition("?")
        fields = _fields(query) if path == PATH and host == f"{HOST}:{self._server.server_port}" else {}
        with self._lock:
            is_ours = self._state and secrets.compare_digest(fields.get("state", "").encode(), self._state.encode())
            if self._taken or not is_ours:
                self._strangers += 1
                is_over = self._taken or self._strangers > STRANGERS_MAX
                return 410 if is_over else 404 if path != PATH else 400, NOT_OURS, {}
            self._taken = True
        is_yes = "error" not in fields and fields.get("code")
        return 200, DONE if is_yes else NOT_GRANTED, fields

    def settle(self, fields: dict[str, str]) -> None:
        """After the page was written, since the port closes then."""
        if not self._answer.set_running_or_notify_cancel():
            return
        if "error" in fields or not fields.get("code"):
            self._answer.set_exception(NotGrantedError(fields.get("error", "no code")))
        else:
            found = AuthorizationCodeResult(code=fields["code"], state=fields["state"], iss=fields.get("iss"))
            self._answer.set_result(found)


def _fields(query: str) -> dict[str, str]:
    """Each once; one that comes twice could be read in two ways, so it is none."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 4 * AT_ONCE_MAX  # a full one would keep the browser waiting for seconds
    allow_reuse_address = False  # on Windows another program could take the same port then

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: deque[socket.socket] = deque()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Who dawdles the longest makes room: a browser says at once what it wants."""
        with self._open_lock:
            self._open.append(request)
            oldest = self._open.popleft() if len(self._open) > AT_ONCE_MAX else None
        if oldest is not None:
            _hang_up(oldest)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock, suppress(ValueError):  # it made room already
            self._open.remove(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._open_lock:
            still = list(self._open)
        for one in still:
            _hang_up(one)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # who broke off is told nothing
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    """Its own thread notices, and closes it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _server(landing: Landing) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_S
        error_content_type = "text/plain; charset=utf-8"
        error_message_format = NOT_OURS

        def log_message(self, *_args: object) -> None:
            """Addresses hold what is secret."""

        def version_string(self) -> str:
            return "Carryon"

        def do_GET(self) -> None:
            status, words, fields = landing.took(self.headers.get("Host", ""), self.path)
            try:
                self._say(status, words)
            finally:
                if fields:
                    landing.settle(fields)

        def _say(self, status: int, words: str) -> None:
            body = f"{words}\n".encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)),
                "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'", "Connection": "close",
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    return _Server((HOST, 0), Handler)
