"""From the settings to what the running side needs: how a server is reached, and what its tools are."""

import hashlib
import json
from urllib.parse import urlsplit

from agent.agentrc.classings import Classed
from agent.agentrc.servers import Server, expanded
from agent.mcp.records import Classing, ServerEntry
from agent.tools.spec import Connectivity, Idempotency, Past, Touches
from sync.transports.places import is_loopback


def entry(server: Server, command: tuple[str, ...] = ()) -> ServerEntry:
    """`command`: the installed program that the declared one was resolved to."""
    return ServerEntry(
        name=server.name,
        command=command or server.command,
        url=server.url,
        env=server.env,
        headers=server.headers,
        folder=expanded(server.folder) if server.folder else None,
        roots=tuple(expanded(root) for root in server.roots),
        timeout_s=float(server.timeout_s),
        enabled=server.enabled,
        client_id=server.client_id,
        client_secret=server.client_secret,
    )


def classing(said: Classed) -> Classing:
    return Classing(
        Connectivity(said.connectivity),
        said.fresh_for_s,
        Idempotency(said.repeat),
        frozenset(Touches(one) for one in said.touches),
        said.seen,
        Past(said.past),
    )


def identity_of(entry: ServerEntry) -> str:
    """Changes with the program, the address or the account. Secrets are references here, and no part of it."""
    said = [
        list(entry.command), entry.url, sorted(entry.env.items()), sorted(entry.headers.items()),
        str(entry.folder or ""), [str(root) for root in entry.roots],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()


def is_remote(entry: ServerEntry) -> bool:
    """Whether reaching it needs a network. An address that is kept secret is not looked up for this."""
    return bool(entry.url) and not is_loopback(urlsplit(entry.url).hostname or "")
