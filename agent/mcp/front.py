"""What the command line and the session do with servers of tools; the registry has its own way to them (tool_line.py).

Every change is one of `~/.agentrc`, made at the same desk as all others.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.editing import unset
from agent.agentrc.errors import SecretError
from agent.agentrc.history import Change
from agent.agentrc.proposals import Proposal
from agent.agentrc.reading import WHOLE, read
from agent.agentrc.references import keyring_missing, keyring_set
from agent.errors import BadRequestError, CarryonError
from agent.mcp.calling.asked_later import questioned
from agent.mcp.calling.transport import McpTransport
from agent.mcp.declaring.class_words import changed, key, table
from agent.mcp.declaring.classes import SEEN_CHARACTERS, Standing
from agent.mcp.declaring.notes import Failure
from agent.mcp.declaring.suggesting import Suggestion, suggest
from agent.mcp.digests import declaration_digest
from agent.mcp.errors import CallCancelledError, McpError, ServerFailedError
from agent.mcp.fetching.installed import Resolution
from agent.mcp.fetching.installing import install
from agent.mcp.importing.clients import ClientFile
from agent.mcp.importing.entries import Import, convert, owner, read_file, without
from agent.mcp.importing.several import Client, chosen, look
from agent.mcp.outcomes import CallOutcome, Passage
from agent.mcp.records import Classing, Listing
from agent.mcp.roster import Roster, Shown, ask
from agent.mcp.running.lines import Lines
from agent.mcp.running.sign_in_desk import Show, SignInDesk
from agent.mcp.signing.sign_ins import SignIns, State, needed
from agent.tools.asking import Fresh
from agent.tools.spec import Connectivity, Idempotency, Touches
from sync.item import Item

DEFERRABLE, KEY, NETWORK = Connectivity.DEFERRABLE.value, Idempotency.KEY.value, Touches.NETWORK.value
NO_EFFECT = "It was only asked what it has, so nothing was changed by it. To ask it again: {ask}"


class ServerFront:
    """`allows`: whether the network may be used now; `forget`: what is kept of a server's answers goes; `signing`:
    where the user signs in, `sign_ins`: what came of that."""

    def __init__(
        self, agentrc: Agentrc, roster: Roster, lines: Lines, allows: Callable[[], bool],
        sign_ins: SignIns, signing: SignInDesk, clock: Callable[[], float] = time.time,
        forget: Callable[[str], None] = lambda _name: None,
    ) -> None:  # fmt: skip
        self._agentrc = agentrc
        self.roster = roster
        self.lines = lines
        lines.found_changed = self._note_changed
        self._allows = allows
        self.sign_ins = sign_ins
        self._signing = signing
        self._clock = clock
        self._forget = forget

    # Looking

    def all(self) -> tuple[Shown, ...]:
        self.roster.keep_up()
        return tuple(self.roster.shown(name) for name in self.roster.names())

    def shown(self, name: str) -> Shown:
        self.roster.keep_up()
        return self.roster.shown(name)

    def suggestion(self, shown: Shown, one: Standing) -> Suggestion:
        return suggest(one.tool, shown.entry)

    # Asking a server

    def refresh(self, name: str) -> Shown:
        """Ask it what it has, and keep that; what has to be fetched first is. Raises McpError, which is kept, too."""
        server = self.roster.server(name)
        try:
            if not self.roster.installed.find(server):
                self.update(name)
            return self._listed(name)
        except McpError as error:
            self.note_failure(name, error)
            raise

    def update(self, name: str) -> Resolution | None:
        """Fetch the newest of what its command names; None where it names a program that is there."""
        return install(self.roster.server(name), self.roster.installed, allows=self._allows, clock=self._clock)

    def fetch(self, name: str) -> Listing:
        """What it has, asked now; nothing is kept of it. From any thread."""
        try:
            with self.lines.watched(name) as call:
                return call.line.list(cancel=call.stopped)
        except (ServerFailedError, CallCancelledError) as error:  # a call's words would be wrong: it had no effect
            raise type(error)(error.what, error.where, NO_EFFECT.format(ask=ask(name))) from error

    def keep(self, name: str, listing: Listing) -> Shown:
        """On the session's thread."""
        self.roster.shelf.keep(listing, self.roster.server(name))
        return self.shown(name)

    def note_failure(self, name: str, error: CarryonError) -> None:
        """To be shown until it says what it has. What the user took back failed at nothing."""
        server = self._agentrc.settings.servers.get(name)
        if server is not None and not isinstance(error, CallCancelledError):
            words = " ".join(filter(None, (error.what, error.todo)))
            self.roster.shelf.note_failure(server, Failure(int(self._clock() * 1000), words))

    def _note_changed(self, name: str, tool: str, now: str) -> None:
        """On the thread of a call. What was decided on an older listing than the one at hand tells nothing new."""
        server = self._agentrc.settings.servers.get(name)
        listing = self.roster.shelf.find(server) if server else None
        if server and listing and now not in {declaration_digest(one) for one in listing.tools if one.name == tool}:
            self.roster.shelf.note_changed(server, tool)

    def read(self, name: str, uri: str) -> CallOutcome:
        with self.lines.watched(name) as call:
            return call.line.read(uri, cancel=call.stopped)

    def prompt(
        self, name: str, prompt: str, args: Mapping[str, str], stopped: threading.Event | None = None
    ) -> tuple[Passage, ...]:
        """The text that the server has ready. From any thread. Raises McpError."""
        with self.lines.watched(name, stopped) as call:
            return call.line.prompt(prompt, dict(args), cancel=call.stopped)

    def _listed(self, name: str) -> Shown:
        return self.keep(name, self.fetch(name))

    # Signing in

    def sign_in(self, name: str, show: Show, cancel: threading.Event | None = None) -> None:
        """From any thread, which waits. Whoever it is now, what was answered to somebody else is not used again. Raises
        CarryonError."""
        self._signing.sign_in(self.roster.entry(name), show, cancel)
        self.lines.hang_up(name)
        self._forget(name)

    def sign_out(self, name: str) -> None:
        """Here: what was given is forgotten. Raises SecretError where there is no keyring."""
        self.roster.server(name)
        self.sign_ins.forget(name)
        self.lines.hang_up(name)
        self._forget(name)

    def sign_in_state(self, shown: Shown) -> State:
        return self.sign_ins.state(shown.entry)

    # Delivering

    def transport(self, name: str) -> McpTransport:
        """For the outbox's items of this server. A repeat of a tool is only trusted to be recognised where the user
        said so; it can do without a network where nothing that may be delivered there touches it."""
        self._check_signed_in(name)
        said = {tool: one for tool, one in self.roster.server(name).tools.items() if one.connectivity == DEFERRABLE}
        keyed = frozenset(tool for tool, one in said.items() if one.repeat == KEY)
        here = bool(said) and not any(NETWORK in one.touches for one in said.values())
        return McpTransport(
            self.lines.to(name), keyed=keyed, loopback=here, found_changed=partial(self.lines.found_changed, name)
        )

    def question(self, name: str) -> Callable[[Item], Fresh]:
        """For the outbox's questions to this server. Raises McpError."""
        self._check_signed_in(name)
        line = self.lines.to(name)
        return lambda item: questioned(line, item)

    def _check_signed_in(self, name: str) -> None:
        """What would surely be refused is not tried again and again: it waits for the user."""
        if self.sign_ins.wants(self.roster.entry(name)):
            raise needed(name)

    # What tools are

    def classing(self, shown: Shown, tool: str, words: Mapping[str, str]) -> Classing:
        """Of the tool as it stands now: what was said of it before, or is suggested, with the parts that are named."""
        one = find(shown, tool)
        before = one.classing or self.suggestion(shown, one).classing
        return replace(changed(before, words), digest=one.digest[:SEEN_CHARACTERS])

    def classes(self, name: str, said: Mapping[str, Classing]) -> Proposal:
        """`said`: by the tools' own names. To be accepted at the desk."""
        return self._agentrc.desk.propose_all({key(name, tool): table(one) for tool, one in said.items()})

    def waiting(self, shown: Shown) -> Mapping[str, Classing]:
        """The suggestion for each tool that the user has to look at, new or changed."""
        asked = (one for one in shown.standings if not one.usable)
        return {one.tool.name: self.suggestion(shown, one).classing for one in asked}

    def accept(self, proposal: Proposal) -> Change | None:
        """In the file and in force; None where it changed nothing."""
        change = self._agentrc.desk.accept(proposal)
        self._in_force()
        return change

    def take_back(self, number: int) -> Change:
        """A change of the settings. Raises RcError where they were changed again since."""
        change = self._agentrc.desk.revert(number)
        self._in_force()
        return change

    def _in_force(self) -> None:
        self._agentrc.reload()
        self.roster.keep_up()

    def removal(self, name: str) -> Proposal:
        """Of the server and everything that was said of its tools."""
        self.roster.server(name)
        desk = self._agentrc.desk
        return desk.propose_text(unset(read(desk.file, WHOLE), ("servers", name)))

    # Servers of other clients

    def importing(self, file: Path) -> Import:
        """What would be taken of another client's file. Raises BadRequestError; changes nothing."""
        return convert(read_file(file), self._agentrc.settings.servers, keyring=not keyring_missing())

    def clients(self, files: Iterable[ClientFile]) -> tuple[Client, ...]:
        """What other clients declare, to choose from."""
        return look(files, self._agentrc.settings.servers, keyring=not keyring_missing())

    def chosen(self, choices: Mapping[Path, Collection[str]]) -> Import:
        """Raises BadRequestError; changes nothing."""
        return chosen(choices, self._agentrc.settings.servers, keyring=not keyring_missing())

    def proposal(self, found: Import) -> Proposal:
        return self._agentrc.desk.propose_all(found.wanted)

    def take(self, found: Import, proposal: Proposal) -> tuple[Import, Change | None]:
        """What was taken, and the change. The secrets first: a server whose secret the keyring refuses is left out of
        what was looked at, and the others are taken."""
        taken = without(found, self._kept(found))
        if taken is found:
            return found, self.accept(proposal)
        return taken, self.accept(self.proposal(taken)) if taken.wanted else None

    def _kept(self, found: Import) -> Mapping[str, str]:
        """Servers of which a secret could not be kept, with why."""
        refused: dict[str, str] = {}
        for place, secret in found.secrets.items():
            if owner(place) not in refused:
                try:
                    keyring_set(place, secret)
                except SecretError as error:
                    refused[owner(place)] = error.what
        return refused

    def remove(self, name: str, proposal: Proposal) -> None:
        """Out of the settings, and what was kept of it off the disk. `carryon rc log` can bring the settings back."""
        self.accept(proposal)
        self.lines.hang_up(name)
        self.roster.shelf.forget(name)
        self.roster.installed.forget(name)
        self._forget(name)
        with contextlib.suppress(SecretError):  # where there is no keyring, nobody signed in
            self.sign_ins.forget(name)

    def close(self) -> None:
        self.lines.close()


def find(shown: Shown, tool: str) -> Standing:
    """By its own name or ours. Raises BadRequestError."""
    found = next((one for one in shown.standings if tool in (one.tool.name, one.name)), None)
    if found is None:
        name = shown.server.name
        raise BadRequestError(f"The server {name} has no tool {tool[:60]!r}.", name, f"carryon servers show {name}")
    return found
