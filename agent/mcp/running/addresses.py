"""Which addresses of servers are taken: https, or plain http on this machine."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from agent.mcp.errors import AddressRefusedError, SecretLackingError
from agent.mcp.records import ServerEntry
from sync.transports.places import is_loopback


def checked(entry: ServerEntry) -> bool:
    """Whether it is on this machine. Raises AddressRefusedError."""
    try:
        parts = urlsplit(entry.url)
        host, good = parts.hostname or "", parts.port != 0
    except ValueError:
        host, good = "", False
    near = is_loopback(host)
    secure = parts.scheme == "https" or (parts.scheme == "http" and near) if host else False
    if not good or not secure or parts.username or any(character.isspace() for character in entry.url):
        raise AddressRefusedError(
            f"The address of the server {entry.name} is not taken.", f"~/.agentrc, servers.{entry.name}",
            "Write it with https:// in front (http:// is for this machine alone), and a secret as a header.",
        )  # fmt: skip
    return near


def sendable(entry: ServerEntry, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as they can be sent. Raises SecretLackingError, which does not show the value: it may be a secret."""
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise SecretLackingError(
                f"The header {name[:60]!r} of the server {entry.name} cannot be sent: its value has letters that no "
                "header may have.", f"~/.agentrc, servers.{entry.name}", "Store the secret again, without line breaks.",
            )  # fmt: skip
    return dict(headers)
