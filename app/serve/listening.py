"""Listens on this machine's loopback addresses, and on nothing else: no address is ever given from outside.

Both families under one port: many programs understand `localhost` as ::1, and whoever else could take that address
would be given the token.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from agent.errors import BadRequestError
from app.serve.errors import Refusal

CONNECTIONS_MAX = 64
HEADERS_S = 15.0  # until the head of a request must be here
HEADERS_BYTES_MAX = 16 * 1024
READ_S = 60.0  # that a client may leave what was sent unread
KEEP_ALIVE_S = 30
CLOSING_S = 2  # for answers that are on their way when the server is told to stop
TRIES_MAX = 10
_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_NO_SUCH_FAMILY = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


class Patience:
    """Cuts a connection off, unless what is awaited comes in time."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport, seconds: float) -> None:
        """Of no effect while it runs already."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, transport.abort)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Patient(H11Protocol):
    """uvicorn's protocol with bounds that it lacks: on the number of connections, on a head that never ends, and on a
    client that does not read. Whoever is cut off counts as one that hung up."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head, self._unread = Patience(), Patience()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head.end()
        self._unread.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.begin(self.transport, READ_S)

    def resume_writing(self) -> None:
        self._unread.end()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        refusal = Refusal(400, "This is no HTTP request that can be understood.", code="not_http")
        body = json.dumps(refusal.document()).encode()
        head = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (h11.Response(status_code=400, headers=head), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        if self.conn.their_state is h11.IDLE:
            self._head.begin(self.transport, HEADERS_S)
        else:
            self._head.end()


def listen(port: int) -> list[socket.socket]:
    """Sockets that take connections from now on; `port` 0: any that is free."""
    for _ in range(TRIES_MAX):
        try:
            return _both(port)
        except OSError as error:
            if port == 0 and error.errno == errno.EADDRINUSE:
                continue  # free in one family, taken in the other
            raise _cannot(port, error) from error
    raise _cannot(port, OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE)))


def _both(port: int) -> list[socket.socket]:
    made: list[socket.socket] = []
    try:
        for family, address in _LOOPBACK:
            if listening := _one(family, address, port):
                made.append(listening)
                port = listening.getsockname()[1]
    except OSError:
        for listening in made:
            listening.close()
        raise
    return made


def _one(family: socket.AddressFamily, address: str, port: int) -> socket.socket | None:
    """None where this machine does not speak version 6."""
    listening: socket.socket | None = None
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if os.name == "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined]
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a restart, not beside another
        listening.bind((address, port))
        listening.listen(CONNECTIONS_MAX)
    except OSError as error:
        if listening is not None:
            listening.close()
        if family == socket.AF_INET6 and error.errno in _NO_SUCH_FAMILY:
            return None
        raise
    return listening


def _cannot(port: int, error: OSError) -> BadRequestError:
    where = f"port {port}"
    if error.errno == errno.EADDRINUSE:
        return BadRequestError(
            "Another program listens there, perhaps another `carryon serve`.", where,
            "Stop it, or choose another port with --port; 0 takes any that is free.",
        )  # fmt: skip
    what = f"It is not possible to listen there: {error.strerror or error}."
    return BadRequestError(what, where, "Choose a port above 1023 with --port.")


def server_of(app: Any) -> uvicorn.Server:
    config = uvicorn.Config(
        app, http=Patient, loop="asyncio", ws="none", lifespan="off", log_config=None, log_level="critical",
        access_log=False, proxy_headers=False, server_header=False, timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=CLOSING_S, h11_max_incomplete_event_size=HEADERS_BYTES_MAX,
    )  # fmt: skip
    return uvicorn.Server(config)


def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    """Serve until Ctrl+C or a signal to end."""
    with _ending_quietly():
        server.run(sockets=sockets)


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more; that was the wish to end, and is no fault."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.signal(name, lambda _number, _frame: None) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
