"""Denies this process the network, whatever the code in it believes: what being away means where no network of its own
can be had. It cannot be taken back (Python keeps audit hooks), so it is for a process that plays cases and ends.
"""

import socket
import sys
from errno import ENETUNREACH

WATCHED = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")
ADDRESSES_MAX = 1_000


class DeniedError(OSError):
    """There is no network here."""


def deny() -> list[str]:
    """From now on every address that is not a file on this machine is refused; the list says which were tried."""
    tried: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and not _is_file(arguments[0]):
            if len(tried) < ADDRESSES_MAX:
                where = arguments[1] if isinstance(arguments[0], socket.socket) and len(arguments) > 1 else arguments[0]
                tried.append(f"{event} {where!r}")
            raise DeniedError(ENETUNREACH, "There is no network here")

    sys.addaudithook(watch)
    return tried


def _is_file(through: object) -> bool:
    """A socket between processes of this machine."""
    family = getattr(socket, "AF_UNIX", None)
    return family is not None and isinstance(through, socket.socket) and through.family == family
