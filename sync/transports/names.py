"""Names to addresses, within a time of ours. The system's own look-up waits for half a minute and more where no name
server answers, and cannot be told otherwise; so it is made in a thread that is left behind when the time is up.

Who asks again for a name that still hangs waits for the same thread; at most LOOK_UPS_AT_ONCE_MAX hang. What was found
is kept for a short time, and forgotten where nobody was there: a sign-in page is often told by names that lead to it.
"""

import socket
import threading
import time

from sync.transports.outcomes import UnreachableError
from sync.transports.places import is_loopback

LOOK_UPS_AT_ONCE_MAX = 8
KEPT_S = 30.0
NAMES_KEPT_MAX = 256
ADDRESSES_MAX = 8

AGAIN = "It is tried again."


class _LookUp:
    """One that is under way."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.addresses: tuple[str, ...] = ()
        self.fault = "the look-up broke off"


class Names:
    """Used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[str, _LookUp] = {}
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    def look_up(self, host: str, within_s: float) -> tuple[str, ...]:
        """Addresses, the two families by turns. Raises UnreachableError."""
        kept = self._known(host)
        if kept:
            return kept
        look_up = self._begin(host)
        if not look_up.done.wait(within_s):
            raise _unknown(host, f"no answer for {within_s:g} s")
        if not look_up.addresses:
            raise _unknown(host, look_up.fault)
        return look_up.addresses

    def forget(self, host: str | None = None) -> None:
        """That name, or all: another network may know other addresses."""
        with self._lock:
            if host is None:
                self._kept.clear()
            else:
                self._kept.pop(host, None)

    # Inner

    def _known(self, host: str) -> tuple[str, ...]:
        with self._lock:
            until, addresses = self._kept.get(host, (0.0, ()))
        return addresses if time.monotonic() < until else ()

    def _begin(self, host: str) -> _LookUp:
        with self._lock:
            pending = self._pending.get(host)
            if pending is not None:
                return pending
            if len(self._pending) >= LOOK_UPS_AT_ONCE_MAX:
                raise _unknown(host, "too many other names are being waited for")
            pending = self._pending[host] = _LookUp()
        threading.Thread(target=self._ask, args=(host, pending), name=f"look up {host}", daemon=True).start()
        return pending

    def _ask(self, host: str, look_up: _LookUp) -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            look_up.addresses = _by_turns([str(entry[4][0]) for entry in found])
        except OSError as error:
            look_up.fault = error.strerror or str(error)
        except UnicodeError:
            look_up.fault = "it is not a name"
        finally:
            with self._lock:
                self._pending.pop(host, None)
                if look_up.addresses and not is_loopback(host):
                    self._kept[host] = (time.monotonic() + KEPT_S, look_up.addresses)
                while len(self._kept) > NAMES_KEPT_MAX:
                    del self._kept[next(iter(self._kept))]
            look_up.done.set()


NAMES = Names()


def _by_turns(addresses: list[str]) -> tuple[str, ...]:
    """One family that leads nowhere must not use up the time of the other; the system's first stays the first."""
    once = list(dict.fromkeys(addresses))
    first = [one for one in once if (":" in one) == (":" in once[0])]
    second = [one for one in once if one not in first]
    turns = [one for pair in zip(first, second, strict=False) for one in pair]
    return tuple([*turns, *first[len(second) :], *second[len(first) :]][:ADDRESSES_MAX])


def _unknown(host: str, why: str) -> UnreachableError:
    return UnreachableError(f"The name of {host} cannot be looked up: {why}.", host, AGAIN)
