"""A server of tools at an address on this machine, with faults by name and effects that are counted.

Written by hand, so that it can misbehave below the protocol: `script` holds the faults of the next calls.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACT = {
    "name": "act",
    "description": "Acts",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
}


class WebServer:
    """`effects`: keys, each once; `seen`: (method, path, headers with names in lower case) of all requests."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.script: list[str] = []
        self.effects: list[str] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.sessions: set[str] = set()
        self.listening = "refuse"
        self.stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_args: Any) -> None:
                pass

            def do_POST(self) -> None:
                outer.seen.append(("POST", self.path, low(self.headers)))
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.post(self, message)

            def do_GET(self) -> None:
                outer.seen.append(("GET", self.path, low(self.headers)))
                if outer.listening == "refuse":
                    status(self, 405)
                else:
                    head(self, "text/event-stream", None)
                    self.wfile.write(b"retry: 20\n\n")

            def do_DELETE(self) -> None:
                outer.seen.append(("DELETE", self.path, low(self.headers)))
                status(self, 200)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_port}/mcp"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> "WebServer":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        self._http.shutdown()
        self._http.server_close()

    def count(self, method: str) -> int:
        return sum(1 for one, _, _ in self.seen if one == method)

    def post(self, to: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            session = f"session-{len(self.sessions) + 1}"
            self.sessions.add(session)
            about = {"name": "web", "version": "1"}
            result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
            answer(to, number, result, {"Mcp-Session-Id": session})
        elif number is None:
            status(to, 202)
        elif to.headers.get("Mcp-Session-Id") not in self.sessions:
            status(to, 404)
        elif method == "ping":
            answer(to, number, {})
        elif method == "tools/list":
            answer(to, number, {"tools": [ACT]})
        else:
            self.call(to, number, message["params"], self.script.pop(0) if self.script else "none")

    def call(self, to: BaseHTTPRequestHandler, number: Any, params: dict[str, Any], fault: str) -> None:
        if fault in ("none", "stream", "lose_answer", "cut"):
            key = params["_meta"]["io.carryon/idempotency-key"]
            if key not in self.effects:
                self.effects.append(key)
        FAULTS[fault](self, to, number)

    def stall(self, to: BaseHTTPRequestHandler) -> None:
        """Keeps the line open with comments and says nothing."""
        head(to, "text/event-stream", None)
        try:
            while not self.stop.is_set():
                to.wfile.write(b": still here\n\n")
                time.sleep(0.1)
        except OSError:
            return


def head(to: BaseHTTPRequestHandler, kind: str, length: int | None, headers: dict[str, str] | None = None) -> None:
    to.send_response(200)
    to.send_header("Content-Type", kind)
    if length is None:
        to.send_header("Connection", "close")
        to.close_connection = True
    else:
        to.send_header("Content-Length", str(length))
    for name, value in (headers or {}).items():
        to.send_header(name, value)
    to.end_headers()


def answer(to: BaseHTTPRequestHandler, number: Any, result: Any, headers: dict[str, str] | None = None) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()
    head(to, "application/json", len(body), headers)
    try:
        to.wfile.write(body)
    except OSError:
        to.close_connection = True


def error(to: BaseHTTPRequestHandler, number: Any, code: int) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": "oh"}}).encode()
    head(to, "application/json", len(body))
    to.wfile.write(body)


def garbled(to: BaseHTTPRequestHandler) -> None:
    body = b'{"jsonrpc": "2.0", "result": '
    head(to, "application/json", len(body))
    to.wfile.write(body)


def page(to: BaseHTTPRequestHandler, body: bytes) -> None:
    head(to, "text/html", len(body))
    to.wfile.write(body)


def stream(to: BaseHTTPRequestHandler, *messages: dict[str, Any]) -> None:
    head(to, "text/event-stream", None)
    for message in messages:
        to.wfile.write(f"event: message\ndata: {json.dumps({'jsonrpc': '2.0', **message})}\n\n".encode())


def low(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def status(to: BaseHTTPRequestHandler, code: int, headers: dict[str, str] | None = None) -> None:
    to.send_response(code)
    to.send_header("Content-Length", "0")
    for name, value in (headers or {}).items():
        to.send_header(name, value)
    to.end_headers()


def hang_up(to: BaseHTTPRequestHandler) -> None:
    to.close_connection = True
    to.wfile.flush()
    to.connection.shutdown(socket.SHUT_RDWR)


def cut(server: WebServer, to: BaseHTTPRequestHandler, number: Any) -> None:
    head(to, "text/event-stream", None)
    to.wfile.write(b'data: {"jsonrpc": ')
    hang_up(to)


def half(server: WebServer, to: BaseHTTPRequestHandler, number: Any) -> None:
    head(to, "application/json", 1_000)
    to.wfile.write(b'{"jsonrpc": ')
    hang_up(to)


def forget(server: WebServer, to: BaseHTTPRequestHandler, number: Any) -> None:
    server.sessions.clear()
    status(to, 404)


DONE = {"content": [{"type": "text", "text": "It arrived."}], "structuredContent": {"id": "7"}}
REFUSED = {"content": [{"type": "text", "text": "not wanted"}], "isError": True}
LONG = {"content": [{"type": "text", "text": "x" * 20_000_000}]}
LOG = {"method": "notifications/message", "params": {"level": "info", "data": "x"}}
FAULTS: dict[str, Callable[[WebServer, BaseHTTPRequestHandler, Any], None]] = {
    "none": lambda _server, to, number: answer(to, number, DONE),
    "stream": lambda _server, to, number: stream(to, LOG, {"id": number, "result": DONE}),
    "reject": lambda _server, to, number: answer(to, number, REFUSED),
    "put_off": lambda _server, to, _number: status(to, 503, {"Retry-After": "3"}),
    "refuse": lambda _server, to, _number: status(to, 401),
    "bad_gateway": lambda _server, to, _number: status(to, 502),
    "elsewhere": lambda _server, to, _number: status(to, 307, {"Location": "http://127.0.0.1:1/mcp"}),
    "nearby": lambda _server, to, _number: status(to, 307, {"Location": "/mcp/"}),
    "portal": lambda _server, to, _number: page(to, b"<html>Please sign in</html>"),
    "long": lambda _server, to, number: answer(to, number, LONG),
    "stall": lambda server, to, _number: server.stall(to),
    "forget": forget,
    "cut": cut,
    "half": half,
    "took_it": lambda _server, to, _number: status(to, 202),
    "garbled": lambda _server, to, _number: garbled(to),
    "broke": lambda _server, to, number: error(to, number, -32603),
    "lose_request": lambda _server, to, _number: hang_up(to),
    "lose_answer": lambda _server, to, _number: hang_up(to),
}
