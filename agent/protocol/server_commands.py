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
    """What tools are, by the user's word. `said`: by their own names the parts class, fresh, repeat, touches and past,
    as texts; `looked_at`: digests of the declarations that were on the screen, so that no other one is agreed to."""

    name: str
    said: Mapping[str, Mapping[str, str]]
    looked_at: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerServer(Command):
    """The user's answer to a server's question; None says no. Handled out of turn: the call waits for it."""

    question_id: str
    values: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForServers(Command):
    """Of other programs on this machine, in the places where they keep them; `path`: in this file instead."""

    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewServers(Command):
    """What would be written for these. `choices`: names of servers, as they stand there, by the path of a file."""

    choices: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeServers(Command):
    """`looked_at`: fingerprint of what was on the screen, so that nothing else is written."""

    choices: Mapping[str, tuple[str, ...]]
    looked_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackServers(Command):
    """The settings as they were before `change`."""

    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPrompt(Command):
    """A text that a server has ready, with these arguments; a PromptFetched or PromptFailed tells. Handled out of turn:
    it goes on beside the conversation, and its server is started for it."""

    server: str
    name: str
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePrompt(Command):
    """The user does not want it any more. Handled out of turn."""

    fetch_id: str  # of the command


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInServer(Command):
    """SignInBegan, SignInShown and SignInEnded tell how it goes. Handled out of turn: it goes on beside the
    conversation and takes as long as the user does."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSignIn(Command):
    """Handled out of turn."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutServer(Command):
    """What a sign-in gave is forgotten here."""

    name: str


OUT_OF_TURN = (AnswerServer, FetchPrompt, LeavePrompt, SignInServer, CancelSignIn)
OutOfTurn = AnswerServer | FetchPrompt | LeavePrompt | SignInServer | CancelSignIn
