"""Servers of other programs, taken over in the window: found, previewed, taken, taken back. Every step but the taking
changes nothing, and nothing else is written than what was on the screen.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import BadRequestError
from agent.protocol import server_commands
from agent.protocol.commands import Command
from agent.protocol.events import Event
from agent.protocol.server_events import ClientsFound, ServersPreviewed, ServersTaken
from agent.protocol.server_records import CandidateView, ClientView
from sync.steering import on_one_line

if TYPE_CHECKING:
    from agent.agentrc.proposals import Proposal
    from agent.mcp.importing.entries import Import
    from agent.mcp.importing.several import Candidate, Client
    from agent.runtime import Runtime

HOW_CHARACTERS_MAX = 300
NOTHING = "Nothing of what you chose can be taken."
CHANGED = "Your settings, or the file of the other program, changed since you looked."
Handler = Callable[[Any], Iterator[Event]]


class ServerImporting:
    """`after`: what follows a change of the settings, as events."""

    def __init__(self, runtime: "Runtime", after: Callable[[str], Iterator[Event]]) -> None:
        self._runtime, self._after = runtime, after

    def handlers(self) -> Mapping[type[Command], Handler]:
        return {
            server_commands.LookForServers: self._look,
            server_commands.PreviewServers: self._preview,
            server_commands.TakeServers: self._take,
            server_commands.TakeBackServers: self._take_back,
        }

    def _look(self, command: server_commands.LookForServers) -> Iterator[Event]:
        from agent.mcp.importing.clients import ClientFile, here

        files = (ClientFile("", Path(command.path)),) if command.path else here(Path.home())
        found = self._runtime.servers.front.clients(files)
        yield ClientsFound(cause=command.id, clients=tuple(map(_client, found)))

    def _preview(self, command: server_commands.PreviewServers) -> Iterator[Event]:
        from agent.mcp.importing.several import fingerprint

        found, proposal = self._proposed(command.choices)
        notes = (*found.notes, *(f"{on_one_line(name)} is not taken: {why}" for name, why in found.skipped.items()))
        yield ServersPreviewed(
            cause=command.id, names=found.names, diff=proposal.diff, secrets=tuple(found.secrets), notes=notes,
            fingerprint=fingerprint(found, proposal.after, proposal.before_hash),
        )  # fmt: skip

    def _take(self, command: server_commands.TakeServers) -> Iterator[Event]:
        from agent.mcp.importing.several import fingerprint

        found, proposal = self._proposed(command.choices)
        if fingerprint(found, proposal.after, proposal.before_hash) != command.looked_at:
            raise BadRequestError(CHANGED, "~/.agentrc", "Look at it again.")
        taken, change = self._runtime.servers.front.take(found, proposal)
        if not taken.wanted:
            raise _nothing(taken)
        yield from self._after(command.id)
        number = change.number if change else 0
        left = tuple(f"{name}: {on_one_line(why)}" for name, why in taken.skipped.items() if name in found.names)
        yield ServersTaken(cause=command.id, names=taken.names, change=number, secrets=tuple(taken.secrets), left=left)

    def _take_back(self, command: server_commands.TakeBackServers) -> Iterator[Event]:
        self._runtime.servers.front.take_back(command.change)
        yield from self._after(command.id)
        yield ServersTaken(cause=command.id, names=(), change=0)

    def _proposed(self, choices: Mapping[str, tuple[str, ...]]) -> "tuple[Import, Proposal]":
        front = self._runtime.servers.front
        found = front.chosen({Path(path): names for path, names in choices.items()})
        if not found.wanted:
            raise _nothing(found)
        return found, front.proposal(found)


def _nothing(found: "Import") -> BadRequestError:
    why = "; ".join(f"{on_one_line(name)}: {why}" for name, why in found.skipped.items())
    return BadRequestError(NOTHING, why[:HOW_CHARACTERS_MAX], "Choose others.")


def _client(one: "Client") -> ClientView:
    return ClientView(one.client or one.path.name, str(one.path), tuple(map(_candidate, one.candidates)), one.trouble)


def _candidate(one: "Candidate") -> CandidateView:
    """Its name there as it is: it is chosen by that; whoever shows it makes the unseen visible."""
    how = on_one_line(one.how[:HOW_CHARACTERS_MAX])
    return CandidateView(one.theirs, one.name, how, on_one_line(one.why), one.secrets, one.notes)
