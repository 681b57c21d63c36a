"""A server of model files on loopback that cuts, lies, stalls, changes its mind: a bad network, on purpose."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_http import LocalHttp

WRITE = 4_096


@dataclass
class Shop:
    """What is offered, and how the server misbehaves. Lists are used up, one entry a request."""

    body: bytes
    tag: str = '"one"'
    last_modified: str = ""
    linked: bool = False  # as Hugging Face does: sent on, with digest and length in the answer that sends on
    linked_sha256: str = ""
    linked_size: int = 0
    ignores_ranges: bool = False
    ignores_ends: bool = False
    shifts_ranges: bool = False
    cuts: list[int] = field(default_factory=list)  # bytes to send before the connection is closed
    holds: list[int] = field(default_factory=list)  # bytes to send before nothing more comes
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    announces: int = 0  # more bytes than there are, or fewer
    packed: bool = False
    unmeasured: bool = False
    sends_on_to: str = ""
    turns_into: tuple[int, bytes, str] | None = None  # after so many answers: another body, another tag
    together: int = 0  # answers but the first are held back until so many requests are under way at once, one time
    asked: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""
    base: str = ""
    holding: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Condition = field(default_factory=threading.Condition)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def flip(self) -> None:
        self.body = self.body[:-1] + bytes([self.body[-1] ^ 1])


@contextmanager
def opened(body: bytes, port: int = 0) -> Iterator[Shop]:
    """`port` 0: any that is free."""
    shop = Shop(body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with shop.lock:
                shop.under_way += 1
                shop.most_under_way = max(shop.most_under_way, shop.under_way)
                shop.lock.notify_all()
            try:
                _serve(self, shop)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the other end left, as it may
            finally:
                with shop.lock:
                    shop.under_way -= 1
                    shop.lock.notify_all()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    with LocalHttp(Handler, port) as server:
        shop.base = server.url
        shop.url = f"{shop.base}/some/tiny.gguf"
        try:
            yield shop
        finally:
            shop.released.set()


def _serve(handler: BaseHTTPRequestHandler, shop: Shop) -> None:
    handler.close_connection = True
    if shop.sends_on_to:
        _answer(handler, 302, {"Location": shop.sends_on_to})
        shop.asked.append(handler.headers.get("Range", ""))
        return
    if shop.linked and not handler.path.startswith("/store/"):
        linked = {"X-Linked-Etag": f'"{shop.linked_sha256 or shop.sha256}"',
                  "X-Linked-Size": str(shop.linked_size or len(shop.body))}  # fmt: skip
        _answer(handler, 302, {"Location": f"/store{handler.path}?signature=hush", **linked})
        return
    with shop.lock:
        number = len(shop.asked)
        shop.asked.append(handler.headers.get("Range", ""))
        shop.paths.append(handler.path)
        if shop.turns_into and number == shop.turns_into[0]:
            _, shop.body, shop.tag = shop.turns_into
        refusal = shop.refusals.pop(0) if shop.refusals else None
        cut = shop.cuts.pop(0) if shop.cuts else None
        hold = shop.holds.pop(0) if shop.holds else None
    if refusal:
        _answer(handler, *refusal)
        return
    if number:
        with shop.lock:
            shop.lock.wait_for(lambda: shop.under_way >= shop.together or shop.released.is_set(), 60)
            shop.together = 0
            shop.lock.notify_all()
    _send(handler, shop, cut, hold)


def _send(handler: BaseHTTPRequestHandler, shop: Shop, cut: int | None, hold: int | None) -> None:
    start, end = _range(handler, shop)
    in_parts = start is not None
    data = shop.body[start or 0 : end]
    headers = {} if shop.unmeasured else {"Content-Length": str(len(data) + shop.announces)}
    if in_parts:
        first = (start or 0) + shop.shifts_ranges
        headers["Content-Range"] = f"bytes {first}-{first + len(data) - 1}/{len(shop.body)}"
    if shop.tag:
        headers["ETag"] = shop.tag
    if shop.last_modified:
        headers["Last-Modified"] = shop.last_modified
    if shop.packed:
        headers["Content-Encoding"] = "gzip"
    _answer(handler, 206 if in_parts else 200, headers)
    for at in range(0, len(data), WRITE):
        upto = min(at + WRITE, len(data))
        stop = min((limit for limit in (cut, hold) if limit is not None), default=None)
        if stop is not None and stop <= upto:
            handler.wfile.write(data[at:stop])
            if hold is not None:
                handler.wfile.flush()
                shop.holding.set()
                shop.released.wait(60)
            return
        handler.wfile.write(data[at:upto])


def _range(handler: BaseHTTPRequestHandler, shop: Shop) -> tuple[int | None, int]:
    wanted = handler.headers.get("Range", "")
    version = handler.headers.get("If-Range")
    if not wanted or shop.ignores_ranges or (version and version not in (shop.tag, shop.last_modified)):
        return None, len(shop.body)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    end = len(shop.body) if shop.ignores_ends or not last else min(int(last) + 1, len(shop.body))
    return int(first), end


def _answer(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
