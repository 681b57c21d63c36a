"""Errors of the protocol's library and of the loop, as those of ours, in words for the user."""

from dataclasses import dataclass

import mcp_types as types
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from agent.errors import CarryonError
from agent.mcp.errors import CallRefusedError, McpError, SecretLackingError, ServerFailedError, ServerUnreachableError
from agent.mcp.records import ServerEntry
from agent.mcp.running.wire.messages import NO_ANSWER
from agent.mcp.running.wire.opened import Opened

CLOSED = "Connection closed"  # as the library says it, under a code that servers use for errors of their own, too
BROKE_INSIDE = (types.INTERNAL_ERROR, types.PARSE_ERROR)  # it began; how far it came, nobody says
UNREAD = (NO_ANSWER, "Failed to parse")  # how ours, and the library, say it; its words go on for its developers
SAID_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Words:
    entry: ServerEntry

    def failed(self, how: str) -> ServerFailedError:
        """`how`: the rest of a sentence that begins with the server."""
        return ServerFailedError(
            f"The server {self.entry.name} {how}.", self.entry.name,
            "What was asked of it may have happened: look there. It is started anew at the next call.",
        )  # fmt: skip

    def unreachable(self, how: str) -> ServerUnreachableError:
        return ServerUnreachableError(
            f"The server {self.entry.name} {how}.", " ".join(self.entry.command)[:200] or self.entry.name,
            "Nothing was asked of it. Check how it is set up in ~/.agentrc.",
        )  # fmt: skip

    def refused(self, error: MCPError) -> McpError:
        """What a server's no means."""
        said = "".join(letter for letter in error.message[:SAID_CHARACTERS_MAX] if letter.isprintable()).rstrip(".")
        if error.code == types.PARSE_ERROR and error.message.startswith(UNREAD):
            return self.failed(NO_ANSWER)
        if error.code in BROKE_INSIDE:
            return self.failed(f"failed within: {said}")
        return CallRefusedError(
            f"The server {self.entry.name} said no: {said or error.code}.", self.entry.name, "Change what was asked."
        )

    def is_closed(self, error: MCPError) -> bool:
        """Whether the connection is what failed, and not what was asked. At an address the library says so in many
        words, so there the code alone counts."""
        return error.code == types.CONNECTION_CLOSED and (bool(self.entry.url) or error.message == CLOSED)

    def at_start(self, error: BaseException, opened: Opened | None) -> McpError:
        """Before the greeting was over nothing can have been asked."""
        leaf = _leaf(error)
        if isinstance(leaf, McpError):
            return leaf
        if isinstance(leaf, CarryonError):  # of a reference to a secret; its own words say what to do
            return SecretLackingError(leaf.what, f"~/.agentrc, servers.{self.entry.name}", leaf.todo)
        noted = opened.failure() if opened else None
        return noted or self.unreachable(_how(leaf, opened))


def _how(leaf: BaseException, opened: Opened | None) -> str:
    if isinstance(leaf, MCPError) and leaf.code != types.CONNECTION_CLOSED:
        return f"would not be greeted: {leaf.message[:SAID_CHARACTERS_MAX]}"
    if isinstance(leaf, ValidationError | RuntimeError):
        return "answered our greeting with something else than the protocol foresees"
    return opened.why() if opened else f"could not be started: {str(leaf)[:SAID_CHARACTERS_MAX]}"


def where_of(error: ValidationError) -> str:
    """Where an answer is not as foreseen, such as "tools.3.inputSchema.type": the first place alone."""
    first = next(iter(error.errors(include_input=False, include_url=False)), None)
    place = ".".join(str(step) for step in first["loc"]) if first else ""
    return "".join(letter for letter in place if letter.isprintable())[:SAID_CHARACTERS_MAX]


def _leaf(error: BaseException) -> BaseException:
    """The first cause in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
