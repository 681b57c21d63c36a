"""What the turn loop needs of the world, as small protocols. compose.py brings the real parts, tests bring twins."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agent.protocol.records import AnswerLabel, Call, Message, Outcome
from sync.item import Item


@dataclass(frozen=True, slots=True)
class Request:
    """One thing the user asked. `cause`: id of the command behind it; `approve`, `dry_run`: the command line's."""

    text: str
    conversation_id: str | None = None
    cause: str = ""
    approve: bool = False
    dry_run: bool = False
    replaces: str = ""  # id of the user's message that this one is asked instead of


@dataclass(frozen=True, slots=True)
class Intended:
    """A call as the model wants it: argument values are spans of the user's words."""

    tool: str
    args: dict[str, str]


@dataclass(frozen=True, slots=True)
class Thought:
    """What the deciding model made of a request. `topic`: the kind of reply; `missing`: the tool that lacks words."""

    outcome: Outcome
    label: AnswerLabel
    calls: tuple[Intended, ...] = ()
    topic: str | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of one call. `asks` is a question to the user: the call could not be completed as it stands."""

    call: Call
    item: Item | None = None
    asks: str = ""


class Mind(Protocol):
    """The models: one that decides, and one that may talk at length."""

    def decide(self, text: str) -> Thought: ...

    def talks(self) -> bool:
        """Whether a chat model is chosen beside the starter."""
        ...

    def chat(self, thread: Sequence[Message]) -> Iterator[str]:
        """Stream the answer of the chat model; its label is `chat_label()` once the stream has ended."""
        ...

    def chat_label(self) -> AnswerLabel: ...


class Hands(Protocol):
    """Carries out one call: runs the tool, stores call and outbox row together."""

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted: ...


class Log(Protocol):
    """The conversation's store. What it returns is on the disk."""

    def begin_turn(self, request: Request) -> Message: ...

    def thread(self, conversation_id: str) -> Sequence[Message]: ...

    def keep_partial(self, asked: Message, text: str) -> None:
        """What a streamed answer has so far, so that even a crash keeps it."""
        ...

    def end_turn(
        self, asked: Message, text: str, outcome: Outcome, label: AnswerLabel, *, complete: bool
    ) -> Message: ...


class Voice(Protocol):
    """Carryon's own words, in the user's tone, length, format and language."""

    def acted(self, deeds: Sequence[Acted]) -> str: ...

    def reply(self, topic: str, facts: Mapping[str, Any]) -> str: ...

    def clarify(self, tool: str | None) -> str: ...

    def handoff(self) -> str: ...

    def stopped(self, why: str) -> str: ...

    def enforce(self, piece: str) -> str:
        """Hold streamed text of a chat model to the rules of the settings (no emoji means none)."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    mind: Mind
    hands: Hands
    log: Log
    voice: Voice
