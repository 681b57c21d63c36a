"""One call of a server's tool that is not simply made: an intent for the outbox with a sentence for its card, or a
question that needs the network."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agent.tools.asking import DESTINATION as LATER
from agent.tools.asking import Fresh, Question, answered
from agent.tools.context import ToolContext
from agent.tools.kept import Kept
from agent.tools.outgoing import Place, deferred
from agent.tools.results import Deferred, Done, Result
from agent.tools.server_spec import ServerSpec
from agent.tools.shipped import MAIL_FRESH_S
from agent.tools.spec import ToolSpec
from agent.tools.titles import first_words
from agent.tools.typed import typed

__all__ = ["asked", "deferred_call", "typed"]

DESTINATION = "mcp"
SERVER = "server."  # of a name behind "ask:"
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


def asked(
    server: ServerSpec, spec: ToolSpec, args: Mapping[str, str], context: ToolContext, call: Callable[[], Result]
) -> Result:  # fmt: skip
    """An online tool: now, or from what it answered before, or once there is a network."""
    theirs = server.known_as(spec.name)
    source = f"server {server.name}"
    payload = {"tool": theirs.name, "args": typed(spec, args), "digest": theirs.digest}
    question = Question(
        spec.name, args, source, f"{server.identity} {theirs.digest}", spec.fresh_for_s or 0, spec.past,
        Place(f"{LATER}:{SERVER}{server.name}", server.name), payload,
        f"Ask once there is a connection: {sentence(server.name, theirs.name, args)}", {"server": server.name},
    )  # fmt: skip

    came: list[Done] = []  # what is kept of an answer for later are its words alone

    def ask(_kept: Kept | None) -> Fresh:
        result = call()
        assert isinstance(result, Done), "a server's answer is one"
        came.append(result)
        return Fresh(result.facts)

    said = answered(question, ask, context)
    now = came[-1] if came else None
    if isinstance(said, Done) and now and now.facts.items() <= said.facts.items():
        return replace(said, enclosures=now.enclosures)
    return said
