"""httpx with our own dialling: names within a bound, every address of a host, signs of life. httpx itself has no way to
say so, httpcore below it has; the private names that this takes are held by a test."""

import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import httpcore
from httpcore._backends.sync import SyncStream

from sync.transports.dialling import each_address, lasting_options

if TYPE_CHECKING:
    import httpx

CONNECT_S = 10.0  # where a request names no bound


class Stream(SyncStream):
    """One whose other end hung up before TLS began is over. Python takes it for one that is not connected yet, leaves
    the greeting out, and says that all is well."""

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._sock.getpeername()
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(error) from error
        secured = super().start_tls(ssl_context, server_hostname, timeout)
        if secured.get_extra_info("ssl_object").version() is None:
            secured.close()
            raise httpcore.ConnectError("It hung up.")
        return secured


class Dialling(httpcore.SyncBackend):
    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        def make(address: str, within_s: float) -> httpcore.NetworkStream:
            options = (*(socket_options or ()), *lasting_options())
            stream = super(Dialling, self).connect_tcp(address, port, within_s, local_address, options)
            return Stream(stream.get_extra_info("socket"))

        return each_address(host, timeout or CONNECT_S, make)


def dial_by_ourselves(client: "httpx.Client") -> "httpx.Client":
    """Before its first request; the ways through a proxy too."""
    import httpx

    for way in (client._transport, *client._mounts.values()):
        if isinstance(way, httpx.HTTPTransport):
            way._pool._network_backend = Dialling()
    return client
