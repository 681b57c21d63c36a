"""Names that lead where a network wants them to, as behind a sign-in page: every look-up of them gives loopback."""

import contextlib
import socket
from collections.abc import Iterator
from unittest.mock import patch

from sync.transports.names import NAMES


@contextlib.contextmanager
def leading_here(*names: str) -> Iterator[None]:
    real = socket.getaddrinfo

    def look_up(host: str | bytes | None, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host in names else host, *more, **named)  # type: ignore[arg-type]

    NAMES.forget()
    with patch("socket.getaddrinfo", look_up):
        try:
            yield
        finally:
            NAMES.forget()
