"""Where the browser comes back to after a sign-in: a port of this machine that is open for one answer and no longer.

Whatever else knocks there, a page of somebody else's or another program, gets a short no and ends nothing.
"""

import asyncio
import secrets
import threading
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from mcp.shared.auth import AuthorizationCodeResult

HOST, PATH = "127.0.0.1", "/callback"
REQUESTS_MAX = 32  # a browser asks for an icon, too; then nothing is answered any more
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
        self._requests, self._taken = 0, False
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
        with self._lock:
            self._requests += 1
            if self._requests > REQUESTS_MAX or self._taken:
                return 410, NOT_OURS, {}
            parts = urlsplit(target)
            if parts.path != PATH:
                return 404, NOT_OURS, {}
            fields = _fields(parts.query)
            is_ours = self._state and secrets.compare_digest(fields.get("state", "").encode(), self._state.encode())
            if not is_ours or host != f"{HOST}:{self._server.server_port}":
                return 400, NOT_OURS, {}
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
    allow_reuse_address = False  # on Windows another program could take the same port then


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
