"""An other end that hangs up between the connection and TLS: nothing is taken for secure, nothing is left open."""

import gc
import socket
import ssl
import struct
import warnings

import httpcore
import pytest

from sync.transports.deadline import Deadline
from sync.transports.http_dialling import Dialling
from sync.transports.mail_dialling import Way
from sync.transports.port import Limits


def hung_up(connected: socket.socket, listening: socket.socket) -> None:
    """The other end resets the connection, and the news has come."""
    near, _ = listening.accept()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    near.close()
    with pytest.raises(ConnectionResetError):
        connected.recv(1)


def test_a_request_ends_before_anything_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stream = Dialling().connect_tcp("127.0.0.1", listening.getsockname()[1], 2)
        hung_up(stream.get_extra_info("socket"), listening)
        with pytest.raises(httpcore.ConnectError):
            stream.start_tls(ssl.create_default_context(), "localhost", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del stream
        gc.collect()


def test_mail_ends_before_anything_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, Deadline(5) as deadline:
        way = Way("127.0.0.1", Limits(2, 2, 4), deadline)
        sock = way.dial(listening.getsockname()[1])
        hung_up(sock, listening)
        with pytest.raises(OSError, match="not connected"):
            way.secure(sock, ssl.create_default_context())
        assert sock.fileno() == -1
