"""What happened with servers of tools."""

from dataclasses import dataclass

from agent.protocol.events import Event
from agent.protocol.server_records import ServerQuestion, ServerView


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersListed(Event):
    servers: tuple[ServerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAsked(Event):
    """A call waits for the user's answer, for some minutes; then the answer is no."""

    question: ServerQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerQuestionClosed(Event):
    """It was answered, or nobody waits for an answer any more."""

    question_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProgressed(Event):
    """How far the call that goes on is, four times a second at most. `text` is the server's own."""

    server: str
    fraction: float | None
    text: str = ""
