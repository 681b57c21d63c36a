"""httpx with our own dialling: names within a bound, every address of a host, signs of life. httpx itself has no way to
say so, httpcore below it has; the private names that this takes are held by a test."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import httpcore

from sync.transports.dialling import each_address, lasting_options

if TYPE_CHECKING:
    import httpx

CONNECT_S = 10.0  # where a request names no bound


class Dialling(httpcore.SyncBackend):
    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        def make(address: str, within_s: float) -> httpcore.NetworkStream:
            options = (*(socket_options or ()), *lasting_options())
            return super(Dialling, self).connect_tcp(address, port, within_s, local_address, options)

        return each_address(host, timeout or CONNECT_S, make)


def dial_by_ourselves(client: "httpx.Client") -> "httpx.Client":
    """Before its first request; the ways through a proxy too."""
    import httpx

    for way in (client._transport, *client._mounts.values()):
        if isinstance(way, httpx.HTTPTransport):
            way._pool._network_backend = Dialling()
    return client
