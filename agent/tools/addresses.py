"""Web addresses that may be fetched: http and https, to machines on the public internet.

Names are resolved here, once, and the connection goes to the address that was judged, so a name cannot answer
differently a moment later. A private network is never reached; this machine only when the user wrote its name.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from agent.tools.errors import ToolRefusedError
from sync.transports.names import NAMES
from sync.transports.outcomes import UnreachableError

ADDRESS_CHARACTERS_MAX = 8_192
LOOK_UP_S = 5.0  # where no name server answers, the system's own look-up takes half a minute and more
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_TODO = "Give the address of a public page, such as https://example.org/page."

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """A judged address: `ip` is where to connect, `url` what was asked for."""

    url: str
    scheme: str
    host: str
    port: int
    ip: str

    @property
    def pinned_url(self) -> str:
        parts = urlsplit(self.url)
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return urlunsplit((self.scheme, f"{host}:{self.port}", parts.path or "/", parts.query, ""))

    @property
    def host_header(self) -> str:
        usual = 443 if self.scheme == "https" else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def normal_url(said: str) -> str:
    """The address as written in full: scheme added when absent, no fragment. Raises ToolRefusedError."""
    text = said.strip().strip("<>\"'").rstrip(".,;!")
    if len(text) > ADDRESS_CHARACTERS_MAX or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise ToolRefusedError("That is not a web address.", text[:80], _TODO)
    if not re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        if re.match(r"(?:javascript|data|file|ftp|mailto|about|blob|vbscript):", text, re.IGNORECASE):
            raise ToolRefusedError("Only http and https addresses can be fetched.", text[:80], _TODO)
        loopback = (_split(f"https://{text}").hostname or "") in LOOPBACK_NAMES
        text = f"{'http' if loopback else 'https'}://{text}"
    parts = _split(text)
    if parts.scheme not in ("http", "https"):
        raise ToolRefusedError("Only http and https addresses can be fetched.", text[:80], _TODO)
    if parts.username is not None or parts.password is not None:
        raise ToolRefusedError(
            "The address holds a name or password; those are never sent.", parts.hostname or "", _TODO
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        fine = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise ToolRefusedError("That is not a web address.", text[:80], _TODO)
    return parts


def names_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK_NAMES


def judged(url: str, *, loopback: bool, resolve: Resolver | None = None) -> Target:
    """Where to connect for `url` (as `normal_url` gives it). `loopback`: the user wrote this machine's own name.

    Raises ToolRefusedError for a private network, OSError when the name cannot be resolved.
    """
    parts = _split(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ips = (resolve or _resolved)(host, port)
    for ip in ips:
        if not may_reach(ip, loopback=loopback and host in LOOPBACK_NAMES):
            raise ToolRefusedError(
                f"{host} is on this machine or in a private network; web.fetch reaches public pages only.",
                url,
                "Open it in your browser instead.",
            )
    return Target(url, parts.scheme, host, port, ips[0])


def _resolved(host: str, port: int) -> list[str]:
    """Addresses of a name, each once, within a bound; raises OSError."""
    try:
        return list(NAMES.look_up(host, LOOK_UP_S))
    except UnreachableError as error:
        raise OSError(error.what) from error


def may_reach(text: str, *, loopback: bool) -> bool:
    """Whether an address is on the public internet, or, with `loopback`, on this machine."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    ip = mapped or ip
    if ip.is_loopback:
        return loopback
    return ip.is_global and not ip.is_multicast
