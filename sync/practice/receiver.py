"""The practice channel and tracker: a small HTTP server on loopback. Its path begins with a random word, so that a web
page in the user's browser cannot guess its way to it. The link of an issue leaves that word out, since it may be
sent on."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from sync.practice.store import PracticeStore

BODY_BYTES_MAX = 2_000_000
READ_S = 10.0
PAGE = b"A practice issue. Carryon shows what was practised: in the window, or with carryon practice list.\n"
NAME_CHARACTERS_MAX = 100
ANY = "practice"  # the address that stands for all channels; which one is meant is in the message


class Receiver:
    """`url`: append /channels/NAME or /issues. Starts at once, ends with `close`."""

    def __init__(self, store: PracticeStore) -> None:
        word = secrets.token_urlsafe(12)

        class Handler(_Handler):
            prefix = f"/{word}/"
            keep = store

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/{word}"
        Handler.links = f"http://127.0.0.1:{self.port}/issues/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="practice", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    prefix: str
    keep: PracticeStore
    links: str
    protocol_version = "HTTP/1.1"
    timeout = READ_S

    def do_POST(self) -> None:
        found = self._route()
        length = self.headers.get("Content-Length", "")
        if found is None:
            self._answer(404, {"error": "There is nothing here."})
        elif not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            self._answer(413, {"error": f"At most {BODY_BYTES_MAX} bytes."})
        else:
            self._keep(*found, self.rfile.read(int(length)))

    def do_GET(self) -> None:
        """Where a link leads that stands in a message: nothing that was practised is told there."""
        if self.path.startswith("/issues/"):
            self._send(200, "text/plain; charset=utf-8", PAGE)
        else:
            self._answer(404, {"error": "There is nothing here."})

    def _keep(self, kind: str, name: str, raw: bytes) -> None:
        key = self.headers.get("Idempotency-Key", "")
        try:
            fields = json.loads(raw)
        except (ValueError, RecursionError):
            fields = None
        if not key or not isinstance(fields, dict):
            self._answer(400, {"error": "This needs an Idempotency-Key and a JSON object."})
            return
        if kind == "message":
            meant = str(fields.get("channel") or "")[:NAME_CHARACTERS_MAX] if name == ANY else ""
            to, subject, body = meant or name, "", fields.get("text", "")
        else:
            to, subject, body = fields.get("project", ""), fields.get("title", ""), fields.get("body", "")
        number, new = self.keep.receive(key, kind, str(to), str(subject), str(body))
        link = {"url": f"{self.links}{number}"} if kind == "issue" else {}
        self._answer(201 if new else 200, {"id": number, "replayed": not new, **link})

    def _route(self) -> tuple[str, str] | None:
        if not self.path.startswith(self.prefix):
            return None
        place, _, name = self.path.removeprefix(self.prefix).partition("/")
        if place == "channels" and name:
            return "message", unquote(name)[:NAME_CHARACTERS_MAX]
        return ("issue", "") if place == "issues" else None

    def _answer(self, status: int, facts: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(facts).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Says nothing: what people practise is nobody's business."""
