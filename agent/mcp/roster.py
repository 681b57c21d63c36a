"""The servers of the settings as they stand: how each is reached, what it said it has, which of its tools may be used.
Keeps the registry in step with the settings and with what servers said; starts nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.agentrc.servers import Server
from agent.agentrc.settings import Settings
from agent.mcp.declaring.classes import Standing
from agent.mcp.declaring.declared import entry as declared_entry
from agent.mcp.declaring.notes import Failure
from agent.mcp.declaring.registering import make
from agent.mcp.declaring.shelf import Shelf
from agent.mcp.errors import McpError, ServerMissingError
from agent.mcp.fetching.installed import Installed, Resolution, not_installed
from agent.mcp.fetching.runners import wanted
from agent.mcp.records import Listing, ServerEntry
from agent.tools.errors import ToolUndeclaredError
from agent.tools.registry import Registry
from agent.tools.servers import SERVERS_MAX


@dataclass(frozen=True, slots=True)
class Shown:
    """One server as it stands. `listing` None: it was never asked; `left_out`: tools that the registry could not take,
    with why; `trouble`: why nothing of it can be used, with what to do, "" for nothing."""

    server: Server
    entry: ServerEntry
    listing: Listing | None
    resolution: Resolution | None
    standings: tuple[Standing, ...]
    left_out: Mapping[str, str]
    trouble: str = ""
    fetches: bool = False  # its command names a program that is fetched
    failure: Failure | None = None  # asked since it last said what it has, it did not


@dataclass(frozen=True, slots=True)
class _Taken:
    server: Server
    entry: ServerEntry
    stamp: tuple[int, int]
    standings: tuple[Standing, ...]
    left_out: Mapping[str, str]


class Roster:
    """`settings()` are those in force. Changed by the session's thread alone; any thread asks `server`, `entry`."""

    def __init__(
        self, registry: Registry, settings: Callable[[], Settings], shelf: Shelf, installed: Installed
    ) -> None:
        self._registry = registry
        self._settings = settings
        self.shelf = shelf
        self.installed = installed
        self._taken: dict[str, _Taken] = {}
        self._known: Mapping[str, Server] | None = None

    def keep_up(self) -> bool:
        """Take in what changed since the last time; whether anything did. What did not change is left alone, running
        servers too."""
        servers = self._settings().servers
        if servers is self._known and all(one.stamp == self.shelf.stamp(name) for name, one in self._taken.items()):
            return False
        self._known = servers
        wanted_now = {name: servers[name] for name in sorted(servers)[:SERVERS_MAX] if servers[name].enabled}
        gone = [name for name in self._taken if name not in wanted_now]
        for name in gone:
            self._drop(name)
        changed = [self._take(server) for server in wanted_now.values()]
        return bool(gone) or any(changed)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._settings().servers))

    def server(self, name: str) -> Server:
        """Raises McpError."""
        if name in self._settings().servers:
            return self._settings().servers[name]
        known = ", ".join(self.names())
        raise ServerMissingError(
            f"There is no server named {name[:60]}.", "~/.agentrc",
            f"There are: {known}." if known else "Declare one, or import them: carryon servers import",
        )  # fmt: skip

    def entry(self, name: str) -> ServerEntry:
        """How it is reached, the installed program in place of a command that fetches. Raises McpError."""
        server = self.server(name)
        if not server.enabled:
            raise ServerMissingError(
                f"The server {name} is switched off.", "~/.agentrc", f"carryon rc set servers.{name}.enabled true"
            )
        entry, trouble = self._reached(server)
        if trouble:
            raise not_installed(server)
        return entry

    def shown(self, name: str) -> Shown:
        """Raises McpError for a name that is not there."""
        server = self.server(name)
        entry, trouble = self._reached(server)
        listing = self.shelf.find(server)
        taken = self._taken.get(name)
        if not server.enabled:
            trouble = f"It is switched off. To use it: carryon rc set servers.{name}.enabled true"
        failure = self.shelf.failure(server)
        if server.enabled and not trouble and listing is None:
            trouble = f"It {'did not say' if failure else 'was not asked yet'} what it has. To ask it: {ask(name)}"
        standings = taken.standings if taken else make(server, entry, listing, self.shelf.changed(server)).standings
        return Shown(
            server, entry, listing, self.installed.find(server), standings, taken.left_out if taken else {}, trouble,
            _fetches(server), failure,
        )  # fmt: skip

    def _take(self, server: Server) -> bool:
        entry, _ = self._reached(server)
        stamp = self.shelf.stamp(server.name)
        before = self._taken.get(server.name)
        if before and (before.server, before.entry, before.stamp) == (server, entry, stamp):
            return False
        made = make(server, entry, self.shelf.find(server), self.shelf.changed(server))
        if before:
            self._registry.forget(server.name, hang_up=before.entry != entry)
        try:
            left_out = self._registry.declare(made.spec)
        except ToolUndeclaredError as error:  # too many servers
            left_out = {server.name: error.what}
        self._taken[server.name] = _Taken(server, entry, stamp, made.standings, left_out)
        return True

    def _drop(self, name: str) -> None:
        self._registry.forget(name)
        del self._taken[name]

    def _reached(self, server: Server) -> tuple[ServerEntry, str]:
        """And, where its program was never fetched, that."""
        resolution = self.installed.find(server)
        if resolution:
            return declared_entry(server, resolution.command), ""
        try:
            fetches = wanted(server.command) is not None
        except McpError as error:
            return declared_entry(server), " ".join(filter(None, (error.what, error.todo)))
        return declared_entry(server), " ".join(
            (not_installed(server).what, not_installed(server).todo)
        ) if fetches else ""


def ask(name: str) -> str:
    return f"carryon servers refresh {name}"


def _fetches(server: Server) -> bool:
    try:
        return wanted(server.command) is not None
    except McpError:
        return False
