"""One call of a server's tool: an intent for the outbox with a sentence for its card, or refused without a network."""

from collections.abc import Mapping
from typing import Any

from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.outgoing import Place, deferred
from agent.tools.results import Deferred
from agent.tools.server_spec import ServerSpec
from agent.tools.shipped import MAIL_FRESH_S
from agent.tools.spec import ToolSpec
from agent.tools.titles import first_words
from agent.tools.typed import typed

__all__ = ["deferred_call", "refuse_offline", "typed"]

DESTINATION = "mcp"
VALUE_CHARACTERS_MAX, SENTENCE_CHARACTERS_MAX = 120, 900


def deferred_call(server: ServerSpec, spec: ToolSpec, args: Mapping[str, str], context: ToolContext) -> Deferred:
    """Decided now; McpTransport carries it out. The digest tells it which declaration was decided on."""
    theirs = server.known_as(spec.name)
    payload = {"tool": theirs.name, "args": typed(spec, args), "digest": theirs.digest}
    facts = {**args, "server": server.name, "source": f"server {server.name}"}
    place = Place(f"{DESTINATION}:{server.name}", server.name)
    said = sentence(server.name, theirs.name, args)
    return deferred(spec.name, args, place, payload, said, facts, context, spec.fresh_for_s or MAIL_FRESH_S)


def sentence(server: str, tool: str, args: Mapping[str, Any]) -> str:
    """What would be done, for a card: "git_push on the server git: remote origin, branch main"."""
    said = ", ".join(f"{name} {first_words(str(value), VALUE_CHARACTERS_MAX)}" for name, value in args.items())
    return f"{tool} on the server {server}{': ' if said else ''}{said}"[:SENTENCE_CHARACTERS_MAX]


def refuse_offline(server: ServerSpec, spec: ToolSpec, context: ToolContext) -> None:
    if context.offline:
        raise ToolRefusedError(
            f"{spec.name} needs the network, and there is none now.",
            f"server {server.name}",
            "Ask again once there is a connection.",
        )
