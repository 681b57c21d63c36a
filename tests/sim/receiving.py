"""A real HTTP destination on loopback that follows a script of faults and counts effects, not requests.

`?die=STAGE&pid=N` in the path makes it kill that process with SIGKILL: before it acts, after it acted, or in the middle
of its answer. `log`: a file to which each effect is appended, so that other processes can read what happened.
"""

import json
import os
import signal
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.local_http import LocalHttp


@dataclass(frozen=True)
class Reply:
    """`acts`: whether the request has its effect. `cut`: "request" hangs up before answering, "answer" in the middle of
    the answer's head, "body" in its body; "stall" answers nothing until `release` is set; "dribble" sends a byte at a
    time."""

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=lambda: {"id": 7, "number": 7})
    acts: bool = True
    cut: str = ""


@dataclass(frozen=True)
class Seen:
    path: str
    headers: Mapping[str, str]
    body: Any


class Receiver(LocalHttp):
    def __init__(self, *, dedupes: bool = True, log: Path | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.dedupes = dedupes
        self.script: list[Reply] = []
        self.requests: list[Seen] = []
        self.effects: list[str] = []
        self.listing: Any = None  # what a GET answers, or makes a Reply of its path; None: the effects as issues
        self.release = threading.Event()
        self._log = log
        self._lock = threading.Lock()

        class Handler(_Handler):
            receiver = self

        super().__init__(Handler, tls=tls)

    def close(self) -> None:
        self.release.set()
        super().close()

    def next_reply(self) -> Reply:
        with self._lock:
            return self.script.pop(0) if self.script else Reply()

    def note(self, seen: Seen) -> None:
        with self._lock:
            self.requests.append(seen)

    def act(self, key: str, payload: Any) -> None:
        with self._lock:
            if self.dedupes and key in self.effects:
                return
            self.effects.append(key)
            if self._log:
                with self._log.open("a") as file:
                    file.write(json.dumps([key, payload]) + "\n")


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.receiver.note(Seen(self.path, dict(self.headers.items()), body))
        reply = self.receiver.next_reply()
        key = self.headers.get("Idempotency-Key", "")
        self._perhaps_kill("before")
        if reply.acts:
            self.receiver.act(key, body)
        self._perhaps_kill("after")
        if reply.cut == "stall":
            self.receiver.release.wait(30)
        if reply.cut in ("request", "stall"):
            self._reset()
            return
        self._send(reply)

    def do_GET(self) -> None:
        listing = self.receiver.listing
        if listing is None:
            listing = [{"number": 7, "body": f"x <!-- carryon:{key} -->"} for key in self.receiver.effects]
        self._send(listing(self.path) if callable(listing) else Reply(200, body=listing))

    def _send(self, reply: Reply) -> None:
        content = json.dumps(reply.body).encode() if not isinstance(reply.body, bytes) else reply.body
        head = f"HTTP/1.1 {reply.status} So\r\n"
        fields = {"Content-Length": str(len(content)), "Connection": "close", **reply.headers}
        raw = (head + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode()
        if reply.cut == "answer":
            self.wfile.write(raw[:7])
            self._reset()
        elif reply.cut == "body":
            self.wfile.write(raw + content[:3])
            self._reset()
        elif reply.cut == "dribble":
            for byte in raw:
                self.wfile.write(bytes([byte]))
                if self.receiver.release.wait(0.05):
                    break
        else:
            self.wfile.write(raw[:5])
            self._perhaps_kill("answering")
            self.wfile.write(raw[5:] + content)
        self.close_connection = True

    def _perhaps_kill(self, stage: str) -> None:
        orders = parse_qs(urlsplit(self.path).query)
        if orders.get("die") == [stage]:
            os.kill(int(orders["pid"][0]), signal.SIGKILL)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass
