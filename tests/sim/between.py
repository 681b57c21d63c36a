"""Stands between a transport and a real HTTP server and follows a script of faults: whatever would have an effect is
put off, refused, swallowed, or loses its answer. What only asks passes through.
"""

import http.client
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.local_http import LocalHttp

EFFECTS = frozenset({"PUT", "POST", "MKCOL", "DELETE", "PATCH"})
Rewrites = Callable[[str, dict[str, str], bytes], tuple[dict[str, str], bytes]]
HOPS = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length", "host"})


@dataclass(frozen=True)
class Fault:
    """`status` answers in the server's place; `cut`: "request" swallows it, "answer" hangs up after the effect, "stall"
    answers nothing until the end; `body` for garbage; `pause_s`: it is slow."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: str = ""
    pause_s: float = 0.0


NONE = Fault()
FAULTS = {
    "none": NONE, "put_off": Fault(503, {"Retry-After": "3"}), "reject": Fault(404),
    "lose_request": Fault(cut="request"), "lose_answer": Fault(cut="answer"), "stall": Fault(cut="stall"),
}  # fmt: skip


def weakened(method: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """As by a server that packs its answers."""
    told = {name: f"W/{value}" if name.lower() == "etag" else value for name, value in headers.items()}
    return told, re.sub(rb"(<(?:\w+:)?getetag>)", rb"\1W/", body)


def untagged(method: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    told = {name: value for name, value in headers.items() if name.lower() != "etag"}
    return told, re.sub(rb"<(\w+:)?getetag>.*?</(\w+:)?getetag>", b"", body)


class Between(LocalHttp):
    """`script`: faults of the next requests with an effect; `asking`: of those without. `hides`: methods whose answers
    lose their ETag; `rewrites`: makes of each answer that passed (method, headers, body) what is told instead."""

    def __init__(self, port: int, effects: frozenset[str] = EFFECTS) -> None:
        self.script: list[Fault] = []
        self.asking: list[Fault] = []
        self.hides: frozenset[str] = frozenset()
        self.rewrites: Rewrites | None = None
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.target = port
        self.effects = effects
        self.release = threading.Event()

        class Handler(_Handler):
            between = self

        super().__init__(Handler)

    def close(self) -> None:
        self.release.set()
        super().close()

    def next_fault(self, method: str, path: str) -> Fault:
        script = self.script if self.has_effect(method, path) else self.asking
        return script.pop(0) if script else NONE

    def has_effect(self, method: str, path: str) -> bool:
        return method in self.effects and "git-upload-pack" not in path


class _Handler(BaseHTTPRequestHandler):
    between: Between
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._pass_on()

    def _pass_on(self) -> None:
        body = self._body()
        between = self.between
        between.requests.append((self.command, self.path, dict(self.headers.items())))
        fault = between.next_fault(self.command, self.path)
        between.release.wait(fault.pause_s)
        if fault.status or fault.body:
            self._answer(fault.status or 200, fault.headers, fault.body)
        elif fault.cut == "request":
            self._reset()
        elif fault.cut == "stall":
            between.release.wait(30)
            self._reset()
        else:
            status, headers, content = self._ask(body)
            if self.command in between.hides:
                headers = {name: value for name, value in headers.items() if name.lower() != "etag"}
            if between.rewrites:
                headers, content = between.rewrites(self.command, headers, content)
            if fault.cut == "answer":
                self._reset()
            else:
                self._answer(status, headers, content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.between.target, timeout=20)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOPS}
        headers["Host"] = self.headers.get("Host", "")
        if self.between.rewrites:
            headers["Accept-Encoding"] = "identity"
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        kept = {name: value for name, value in headers.items() if name.lower() not in HOPS}
        lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in kept.items())]
        lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
        self.wfile.write("\r\n".join(lines).encode() + (b"" if self.command == "HEAD" else content))
        self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass
