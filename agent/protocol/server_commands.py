"""What may be asked about servers of tools. Apart from the other commands since asking a server, or fetching it, goes
on beside the conversation; a ServersListed tells how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.protocol.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ListServers(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshServer(Command):
    """Ask it what it has; what its command would fetch is fetched first. `update`: the newest of that."""

    name: str
    update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchServer(Command):
    name: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SayClasses(Command):
    """What tools are, by the user's word. `said`: by their own names the parts class, fresh, repeat and touches, as
    texts; `looked_at`: digests of the declarations that were on the screen, so that no other one is agreed to."""

    name: str
    said: Mapping[str, Mapping[str, str]]
    looked_at: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerServer(Command):
    """The user's answer to a server's question; None says no. Handled out of turn: the call waits for it."""

    question_id: str
    values: Mapping[str, Any] | None
