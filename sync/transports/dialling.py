"""A connection to a host by name, within a bound, with the stages told (sync/transports/attempt.py), and with the signs
of life that the system can ask for: a far end that is gone without a word is noticed in half a minute, not in hours."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

from sync.transports import attempt
from sync.transports.attempt import Stage
from sync.transports.names import NAMES, Names

Made = TypeVar("Made")

IDLE_S, EVERY_S, MISSED_MAX = 10, 5, 4  # signs of life that are asked for while nothing comes
UNCONFIRMED_MS = 30_000  # what was sent and is not confirmed for so long: the connection is gone


def connect(host: str, port: int, within_s: float, names: Names = NAMES) -> socket.socket:
    """Raises UnreachableError for a name, OSError (TimeoutError) for what is behind it."""
    return each_address(host, within_s, lambda address, left_s: _connected(address, port, left_s), names)


def each_address(host: str, within_s: float, make: Callable[[str, float], Made], names: Names = NAMES) -> Made:
    """The first that can be made; each address gets its share of the time that is left."""
    trying, until = attempt.current(), time.monotonic() + within_s
    trying.stage(Stage.LOOKING_UP, host, within_s)
    addresses = names.look_up(host, within_s)
    trying.stage(Stage.CONNECTING, host, max(until - time.monotonic(), 0.1))
    fault: Exception = TimeoutError("timed out")
    for n, address in enumerate(addresses):
        share_s = max(until - time.monotonic(), 0.1) / (len(addresses) - n)
        try:
            return make(address, share_s)
        except Exception as error:  # noqa: BLE001  kept, and raised if no other address is better
            fault = error
    names.forget(host)
    raise fault


def lasting_options() -> tuple[tuple[int, int, int], ...]:
    """As far as this system has them."""
    wanted = (
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", IDLE_S),
        (socket.IPPROTO_TCP, "TCP_KEEPALIVE", IDLE_S),  # its name on macOS
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", EVERY_S),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", MISSED_MAX),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", UNCONFIRMED_MS),
    )
    known = ((level, getattr(socket, name, None), value) for level, name, value in wanted)
    return tuple((level, option, value) for level, option, value in known if option is not None)


def _connected(address: str, port: int, within_s: float) -> socket.socket:
    sock = socket.create_connection((address, port), within_s)
    try:
        for option in lasting_options():
            sock.setsockopt(*option)
    except OSError:
        sock.close()
        raise
    return sock
