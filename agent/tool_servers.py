"""Servers of tools, for one profile. Nothing of their machinery is imported before the settings name a server, or a
command is about them: a start without servers pays for none of it.
"""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.errors import SecretError
from agent.agentrc.references import is_reference, keyring_get, keyring_set, resolve_secret
from agent.errors import BrokenError
from agent.paths import Paths
from agent.tools.foreground import Foreground
from agent.tools.kept import PAGES, KeptAnswers
from agent.tools.registry import Registry
from agent.tools.servers import Line, ServerSpec
from sync.transports.port import Transport

if TYPE_CHECKING:
    from agent.mcp.front import ServerFront
    from agent.mcp.handlers import Question
    from agent.mcp.outcomes import Step
    from agent.mcp.roster import Roster
    from agent.tools.asking import Fresh
    from sync.item import Item

FOLDER, LISTINGS, INSTALLED = "servers", "listings", "installed"  # in the data folder


class ToolServers:
    """`allows`: whether the network may be used now. `ask`, once a front end has set it, puts a server's question to
    the user; until then each is declined. `progressed` is told how far a call is, on its own thread; `sign_in_changed`
    of a server that wants the user to sign in, or no longer does, and whether the user waits for it just now."""

    def __init__(self, agentrc: Agentrc, paths: Paths, allows: Callable[[], bool], clock: Callable[[], float]) -> None:
        self._agentrc = agentrc
        self._folder = paths.data / FOLDER
        self._allows = allows
        self._clock = clock
        self._answers = KeptAnswers(paths.cache / PAGES)
        self._lock = threading.Lock()
        self._front: ServerFront | None = None
        self._known: Roster | None = None
        self._registry: Registry | None = None
        self._changed: set[str] = set()  # said that they have other tools now, not asked yet
        self.progressed: Callable[[str, Step], None] = lambda _name, _step: None
        self.sign_in_changed: Callable[[str, bool], None] = lambda _name, _waited_for: None
        self.foreground = Foreground()  # the profile's own, once it has one
        self.ask: Callable[[Question], Mapping[str, Any] | None] = lambda _question: None

    def attach(self, registry: Registry) -> None:
        self._registry = registry
        self.keep_up()

    def keep_up(self) -> bool:
        """The registry has what the settings say now; whether that changed anything."""
        if self._known is None and not self._agentrc.settings.servers:
            return False
        return self._roster().keep_up()

    def connect(self, server: ServerSpec) -> Line:
        """For the registry."""
        from agent.mcp.calling.tool_line import ToolLine

        return ToolLine(server, self.front.lines, self.foreground)

    def transport(self, name: str) -> Transport:
        """For the dispatcher. Raises NotConfiguredError, whose words become the item's last error."""
        from agent.mcp.errors import McpError
        from sync.transports.outcomes import NotConfiguredError

        try:
            return self.front.transport(name)
        except McpError as error:
            raise NotConfiguredError(error.what, error.where, error.todo) from error

    def question(self, name: str) -> "Callable[[Item], Fresh]":
        """For the dispatcher, as `transport`: what an online tool of it answers."""
        from agent.mcp.errors import McpError
        from sync.transports.outcomes import NotConfiguredError

        try:
            return self.front.question(name)
        except McpError as error:
            raise NotConfiguredError(error.what, error.where, error.todo) from error

    def stop(self) -> None:
        """The user takes back the call that goes on; from any thread."""
        if self._front is not None:
            self._front.lines.stop()

    def close(self) -> None:
        with self._lock:
            front = self._front
        if front is not None:  # not under the lock: a server that goes may still say that its tools changed
            front.close()

    def erase(self) -> None:
        """What they said they have, what was installed for them, and what was signed in to; the settings that name them
        stay."""
        self.close()
        self._sign_out_everywhere()
        shutil.rmtree(self._folder, ignore_errors=True)
        left = next((path for path in self._folder.rglob("*") if path.is_file()), None)
        if left:  # a program that still runs on Windows
            raise BrokenError(
                "Not everything of the servers of tools could be erased.", str(left), "Close Carryon and try again."
            )
        self.keep_up()

    def _sign_out_everywhere(self) -> None:
        for name, server in self._agentrc.settings.servers.items():
            if server.url:
                with contextlib.suppress(SecretError):  # where there is no keyring, nobody signed in
                    self.front.sign_ins.forget(name)

    def said_changed(self) -> tuple[str, ...]:
        """Servers that said since the last time that they have other tools now."""
        with self._lock:
            found, self._changed = tuple(sorted(self._changed)), set()
        return found

    @property
    def front(self) -> "ServerFront":
        with self._lock:
            if self._front is None:
                self._front = self._made()
            return self._front

    def _made(self) -> "ServerFront":
        from agent.mcp.front import ServerFront
        from agent.mcp.running.lines import Lines
        from agent.mcp.running.sign_in_desk import SignInDesk
        from agent.mcp.signing.sign_ins import SignIns

        roster = self._roster()
        sign_ins = SignIns(keyring_get, keyring_set, self._note_sign_in)
        lines = Lines(roster.entry, self._put, self._allows, _revealed, self._note_changed, self._step, sign_ins)
        return ServerFront(
            self._agentrc, roster, lines, self._allows, sign_ins, SignInDesk(sign_ins, self._allows, _revealed),
            self._clock, lambda name: self._answers.forget(f"{name}."),
        )  # fmt: skip

    def _roster(self) -> "Roster":
        """All that a start needs."""
        if self._known is None:
            from agent.mcp.declaring.shelf import Shelf
            from agent.mcp.fetching.installed import Installed
            from agent.mcp.roster import Roster

            assert self._registry is not None, "compose.py attaches it first"
            shelf, installed = Shelf(self._folder / LISTINGS), Installed(self._folder / INSTALLED)
            self._known = Roster(self._registry, lambda: self._agentrc.settings, shelf, installed)
        return self._known

    def _put(self, question: "Question") -> Mapping[str, Any] | None:
        return self.ask(question)

    def _step(self, name: str, step: "Step") -> None:
        self.progressed(name, step)

    def _note_sign_in(self, name: str) -> None:
        """On whatever thread that turned out."""
        front = self._front
        if front is not None:
            self.sign_in_changed(name, front.lines.is_watched(name))

    def _note_changed(self, name: str) -> None:
        """On the server's own thread."""
        with self._lock:
            self._changed.add(name)


def _revealed(text: str) -> str:
    return resolve_secret(text, os.environ, keyring_get) if is_reference(text) else text
