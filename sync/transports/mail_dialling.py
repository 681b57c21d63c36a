"""smtplib and imaplib with our own dialling: names within a bound, the time of the whole watched from the first byte.

Neither asks a name server what this machine is called, which smtplib would: a mail server is greeted with our address
(RFC 5321, 4.1.3), as mail programs do.
"""

import errno
import imaplib
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from sync.transports import attempt
from sync.transports.attempt import Stage
from sync.transports.deadline import Deadline
from sync.transports.dialling import connect
from sync.transports.port import Limits


@dataclass(frozen=True, slots=True)
class Way:
    """To one host, in the time that `limits` leave before the offer."""

    host: str
    limits: Limits
    deadline: Deadline

    def dial(self, port: int) -> socket.socket:
        """What waits for the first words waits as long as for others."""
        sock = connect(self.host, port, self.limits.connect_s)
        self.deadline.guard(sock)
        self._waits(sock)
        return sock

    def secure(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """Past this, the other end is who it should be."""
        attempt.current().stage(Stage.SECURING, self.host, self.limits.connect_s, self.limits.tell_s)
        sock.settimeout(self.limits.connect_s)
        try:
            sock.getpeername()  # one that has hung up would be taken for one that is not connected yet
            secured = context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise
        if secured.version() is None:
            secured.close()
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        self.deadline.guard(secured)
        self._waits(secured)
        return secured

    def _waits(self, sock: socket.socket) -> None:
        sock.settimeout(self.limits.read_s)
        attempt.current().stage(Stage.WAITING, self.host, self.limits.read_s, self.limits.tell_s)


class _Mail(smtplib.SMTP):
    def __init__(self, way: Way, port: int, context: ssl.SSLContext | None) -> None:
        self._way = way
        self._secure = context
        super().__init__(way.host, port, "localhost", way.limits.read_s)
        self.local_hostname = _literal(self.sock)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = self._way.dial(port)
        return self._way.secure(sock, self._secure) if self._secure else sock


def greeted(way: Way, port: int, context: ssl.SSLContext | None) -> smtplib.SMTP:
    """A mail server whose greeting was read; with `context`, secure from the first byte."""
    return _Mail(way, port, context)


LINE_COSTS_BYTES = 100  # kept in memory, an empty line too
MAILBOX_BYTES_MAX = 4_000_000  # of all that a mailbox answers in one visit; it has no reason to say more


class Mailbox(imaplib.IMAP4):
    """`context`: secure from the first byte. What it answers is bounded: imaplib keeps all of it."""

    def __init__(self, way: Way, port: int, context: ssl.SSLContext | None) -> None:
        self._way = way
        self._bytes = 0
        self._secure = context
        super().__init__(way.host, port, way.limits.read_s)

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line) + LINE_COSTS_BYTES)
        return line

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAILBOX_BYTES_MAX:
            raise self.abort(f"it answered more than {MAILBOX_BYTES_MAX // 1_000_000} MB")

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = self._way.dial(int(self.port))
        return self._way.secure(sock, self._secure) if self._secure else sock


def _literal(sock: Any) -> str:
    """This machine by its address there."""
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
