"""The destinations of the soak, in a process of their own that outlives every victim: what they did is in a file.

Each lane has its address here. Some recognise a repeat by its key, some can be asked, some do neither. An order in
shared memory makes the destination itself kill the sender: before it acts, after it acted, in mid-answer.
"""

import email
import json
import os
import re
import signal
import smtplib
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.any_port import AnyPort
from tests.sim import pushes
from tests.sim.book import Book, Order
from tests.sim.mailbox import put_in

MARKER = re.compile(r"carryon:([0-9a-f-]{36})")
UID = re.compile(r"<C:text-match[^>]*>([^<]+)</C:text-match>")
IDLE_S = 20.0


MAIL = ("smtp/none", "smtp/key", "smtp/query")


class Ledger:
    """`with Ledger(folder) as ledger`: one process, an HTTP server, three mail servers, a repository.

    `mailbox`: port of the one in which the third mail server files what goes through it."""

    def __init__(self, folder: Path, mailbox: int = 0) -> None:
        self.folder, self.mailbox = folder, mailbox
        self.commit = ""  # what is pushed
        self.effects = folder / "effects"
        self.effects.touch()
        self.order = Order()
        self.url = ""
        self.mail_ports: dict[str, int] = {}
        self._pid = 0

    def __enter__(self) -> "Ledger":
        reading, writing = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _serve(Book(self.effects, self.order), self.folder, self.mailbox, writing)
        os.close(writing)
        try:
            self.url, repository, *ports = json.loads(os.read(reading, 400))
            self.commit = pushes.cloned_from(self.folder, repository)
            self.mail_ports = dict(zip(MAIL, ports, strict=True))
        except BaseException:
            self.__exit__()
            raise
        finally:
            os.close(reading)
        return self

    def __exit__(self, *exc: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def quiet(self) -> None:
        """Until whatever the dead had sent is done with."""
        pushes.quiet(self.folder)
        with smtplib.SMTP("127.0.0.1", self.mail_ports["smtp/query"], timeout=IDLE_S) as server:
            server.noop()  # one loop serves all of them in turn
            server.noop()
        with urllib.request.urlopen(f"{self.url}/idle", timeout=IDLE_S * 2) as answer:
            answer.read()

    def lines(self) -> list[tuple[str, str, str]]:
        return [tuple(json.loads(line)) for line in self.effects.read_text().splitlines()]

    def happened(self) -> Counter[str]:
        return Counter(key for _, key, _ in self.lines())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _serve(book: Book, folder: Path, mailbox: int, writing: int) -> None:
    try:
        ports = [_open_mail(book, lane, mailbox) for lane in MAIL]
        repository = pushes.served(folder, book)
        server = _open_http(book)
        os.write(writing, json.dumps([f"http://127.0.0.1:{server.server_port}", repository, *ports]).encode())
        server.serve_forever(poll_interval=60)
    finally:
        os._exit(1)


def _open_mail(book: Book, lane: str, mailbox: int) -> int:
    class Keeper:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            message = email.message_from_bytes(envelope.content)
            key = str(message["Message-ID"]).strip("<>").partition("@")[0]
            book.order.passes("before")
            book.act(lane, key, str(message["Subject"]))
            if lane.endswith("/query"):
                put_in(mailbox, envelope.content)
            book.order.passes("after")
            book.order.passes("answering")  # a mail server's answer is one line
            return "250 2.0.0 OK"

    sink = AnyPort(Keeper())
    sink.start()
    return int(sink.port)


def _open_http(book: Book) -> ThreadingHTTPServer:
    class Handler(_Handler):
        pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True
        busy = 0
        lock = threading.Lock()

        def process_request(self, request: Any, client_address: Any) -> None:
            self._count(1)
            super().process_request(request, client_address)

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            try:
                super().process_request_thread(request, client_address)
            finally:
                self._count(-1)

        def handle_error(self, request: object, client_address: object) -> None:
            """A sender that was killed is no news here."""

        def _count(self, n: int) -> None:
            with self.lock:
                self.busy += n

    Handler.book = book
    return Server(("127.0.0.1", 0), Handler)


class _Handler(BaseHTTPRequestHandler):
    """The path is the lane: /webhook/none, /action/key, a GitHub-like /repos/o/r/issues; below /files a WebDAV folder,
    below /calendar a CalDAV collection, whose effects are counted by name: they see no key."""

    book: Book
    files: ClassVar[dict[str, bytes]] = {}
    writing: ClassVar[threading.Lock] = threading.Lock()

    def do_PUT(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        if len(content) < length:
            return
        self.book.order.passes("before")
        with self.writing:
            taken = not (self.path in self.files and self.headers.get("If-None-Match") == "*")
            if taken:
                self.files[self.path] = content
                name = unquote(self.path.rpartition("/")[2])
                lane = "webdav/query" if self.path.startswith("/files/") else "caldav/query"
                self.book.act(lane, name.removesuffix(".ics"), "")
        self.book.order.passes("after")
        self.wfile.write(b"HTTP/1.1 ")
        self.book.order.passes("answering")
        status = "201 Created" if taken else "412 Precondition Failed"
        self.wfile.write(f'{status}\r\nETag: "1"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'.encode())

    def do_REPORT(self) -> None:
        """The one resource whose UID is asked for."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        found = UID.search(asked)
        path = f"{self.path}{quote(found[1])}.ics" if found else ""
        content = self.files.get(path)
        one = "" if content is None else (
            f"<D:response><D:href>{escape(path)}</D:href><D:propstat><D:prop><D:getetag>&quot;1&quot;</D:getetag>"
            f"<C:calendar-data>{escape(content.decode())}</C:calendar-data></D:prop>"
            "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )  # fmt: skip
        names = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
        body = f'<?xml version="1.0"?><D:multistatus {names}>{one}</D:multistatus>'.encode()
        head = f"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
        self.wfile.write(f"{head}Connection: close\r\n\r\n".encode() + body)

    def do_HEAD(self) -> None:
        self._file(whole=False)

    def _file(self, *, whole: bool) -> None:
        content = self.files.get(self.path)
        status = "404 Not Found" if content is None else "200 OK"
        head = f'HTTP/1.1 {status}\r\nETag: "1"\r\nContent-Length: {len(content or b"")}\r\nConnection: close\r\n\r\n'
        self.wfile.write(head.encode() + (content or b"" if whole else b""))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if len(raw) < int(self.headers["Content-Length"]):
            return  # the sender died before it had said everything
        body = json.loads(raw)
        lane, key, text = self._read(body)
        self.book.order.passes("before")
        self.book.act(lane, key, text)
        self.book.order.passes("after")
        content = json.dumps({"id": 7, "number": 7, "html_url": "http://127.0.0.1/7"}).encode()
        self.wfile.write(b"HTTP/1.1 ")
        self.book.order.passes("answering")
        self.wfile.write(f"201 Created\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode())
        self.wfile.write(content)

    def _read(self, body: Any) -> tuple[str, str, str]:
        if self.path.startswith("/repos/"):
            found = MARKER.search(str(body["body"]))
            return "tracker/query", found[1] if found else "", str(body["title"])
        return self.path.strip("/"), self.headers["Idempotency-Key"], str(body.get("text") or body.get("title"))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/idle":
            return self._answer([]) if self._alone_in_time() else self.send_error(503)
        if parts.path.startswith("/files/"):
            return self._file(whole=True)
        if parts.path.startswith("/action/query/"):
            key = parts.path.rpartition("/")[2]
            return self._answer([key] if self.book.holds("action/query", key) else [])
        if not parts.path.startswith("/repos/"):
            return self.send_error(404)
        asked = parse_qs(parts.query)
        issues = self.book.newest("tracker/query", int(asked["page"][0]), int(asked["per_page"][0]))
        return self._answer([
            {"number": 7, "body": f"x <!-- carryon:{key} -->", "created_at": _moment(at).isoformat()}
            for key, at in issues
        ])  # fmt: skip

    def _alone_in_time(self) -> bool:
        """Connections are taken in order, so every earlier one was taken before this."""
        until = time.monotonic() + IDLE_S
        while self.server.busy > 1 and time.monotonic() < until:  # type: ignore[attr-defined]
            time.sleep(0.001)
        return bool(self.server.busy <= 1)  # type: ignore[attr-defined]

    def _answer(self, value: Any) -> None:
        content = json.dumps(value).encode()
        date = format_datetime(_moment(self.book.order.now()), usegmt=True)
        head = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        self.wfile.write(head.encode() + content)

    def log_message(self, *args: object) -> None:
        pass
