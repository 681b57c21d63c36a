"""Errors of the protocol's library and of the loop, as those of ours, in words for the user."""

from dataclasses import dataclass

import mcp_types as types
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from agent.errors import CarryonError
from agent.mcp.errors import CallRefusedError, McpError, SecretLackingError, ServerFailedError, ServerUnreachableError
from agent.mcp.records import ServerEntry
from agent.mcp.wire.opened import Opened

BROKE_INSIDE = (types.INTERNAL_ERROR, types.PARSE_ERROR)  # it began; how far it came, nobody says
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
        if error.code in BROKE_INSIDE:
            return self.failed(f"failed within: {said}")
        return CallRefusedError(
            f"The server {self.entry.name} said no: {said or error.code}.", self.entry.name, "Change what was asked."
        )

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


def _leaf(error: BaseException) -> BaseException:
    """The first cause in a group of them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
