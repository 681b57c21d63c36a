"""What the rest of Carryon knows of a model: one port and the plain records that cross it.

The starter decides (`decide`), any other GGUF talks (`chat`). The real part is `models.host.ModelHost`, its twin
`models.scripted.Scripted`; both are held to one contract test. Nothing here imports more than the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from models.records import CardArgument, Decision, Follow, Outcome, PointedCall, ToolCard

__all__ = [
    "Called", "CardArgument", "ChatRequest", "ChatTool", "DecideRequest", "Decision", "Delta", "Finished", "Follow",
    "Message", "ModelInfo", "ModelPort", "Outcome", "PointedCall", "State", "ToolCall", "ToolCard",
]  # fmt: skip

Kind = Literal["starter", "chat", "search"]  # "search": it turns texts into vectors and writes none
ChatRole = Literal["system", "user", "assistant", "tool"]
ToolChoice = Literal["auto", "none", "required"]
FinishReason = Literal["stop", "length", "context", "calls"]
Phase = Literal["starting", "ready", "busy", "restarting", "stopped", "refused", "closed"]

TEXT_CHARACTERS_MAX = 2_000_000  # of one request, all messages together; longer is refused before it is sent
KNOWN_NAMES_MAX = 5_000  # of one request; more are left out
TOOL_CARDS_MAX = 500
CHAT_TOOLS_MAX = 500
CALLS_MAX = 16  # in one answer
SCHEMA_CHARACTERS_MAX = 100_000  # of one tool's parameters, or of the form that an answer must have
MESSAGES_MAX = 2_000
TOKENS_MAX = 8_192  # of one answer
STOPS_MAX = 8
PENALTY_MAX = 2.0  # and its negative, as OpenAI has it


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is loaded. `sha256` is empty only when the caller gave none and the file is too large to hash at start."""

    name: str
    path: str
    sha256: str
    kind: Kind
    size_bytes: int
    parameters: int
    architecture: str
    n_ctx: int  # tokens that the loaded context holds
    n_ctx_train: int  # tokens that the model was trained on
    has_template: bool
    llama_build: str
    threads: int
    load_ms: float  # process start to ready
    spans_ms: Mapping[str, float] = field(default_factory=dict)  # what load_ms was made of
    n_ctx_why: str = ""  # not more of them, in words; empty where nobody chose


@dataclass(frozen=True, slots=True)
class DecideRequest:
    """One message of the user, to be turned into calls or another outcome, and what it is read together with.

    `after`: the tools of the calls just made, in order; `asked`: a tool and its arguments that the user was just asked
    for; `known`: (kind, name) of what the user has, the kind "contact", "channel", "project" or "title"; `tools`: cards
    of tools that the starter was not trained on.
    """

    text: str
    after: tuple[str, ...] = ()
    asked: tuple[str, tuple[str, ...]] | None = None
    known: tuple[tuple[str, str], ...] = ()
    tools: tuple[ToolCard, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatTool:
    """A tool as a chat model is told of it. `parameters`: a JSON Schema of the type "object"."""

    name: str
    about: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as a chat model wrote it. `id`: made by the worker, unique within a conversation."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """`calls`: what an assistant called in it; `answers`: of a tool's message, the id of the call it came of."""

    role: ChatRole
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation to be continued. Temperature 0 takes the likeliest token each time; the same request with the
    same seed gives the same text. `now`: unix seconds for templates that print the date; None is the worker's clock.

    With `tools` the model may call some, in its own dialect; "required" makes it call at least one. `schema`: a JSON
    Schema that the whole answer must fit. `keep`: names a conversation whose state in the model is kept on the disk,
    so that going on with it later does not read it again; empty keeps nothing.

    `top_p`, `min_p`: leave out unlikely tokens; the penalties weaken those that the answer holds already, once for
    being there and once for each time.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1_024
    temperature: float = 0.7
    seed: int = 0
    stop: tuple[str, ...] = ()
    now: float | None = None
    tools: tuple[ChatTool, ...] = ()
    tool_choice: ToolChoice = "auto"
    schema: Mapping[str, Any] | None = None
    keep: str = ""
    top_p: float = 0.95
    min_p: float = 0.05
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer, of a token or several; `index` counts from 0 without gaps. `thinking`: what it says to
    itself."""

    index: int
    text: str
    thinking: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """The model has finished writing a call; its arguments fit the tool's schema."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Finished:
    """The last thing a chat yields. `reused` counts prompt tokens that did not have to be read again, `restored` those
    of them that came from a snapshot; `prefix_ms`: how much of `first_token_ms` went by before the prompt's own words,
    behind what all conversations share, were begun; `note`: what the user should know of how that went, such as a
    snapshot that did not help."""

    reason: FinishReason
    tokens: int
    prompt_tokens: int
    reused: int
    first_token_ms: float
    total_ms: float
    restored: int = 0
    note: str = ""
    prefix_ms: float = 0.0

    @property
    def tokens_per_second(self) -> float | None:
        """Of the answer alone, without the reading of the prompt; None when it was too short to tell."""
        seconds = (self.total_ms - self.first_token_ms) / 1000
        return (self.tokens - 1) / seconds if self.tokens > 1 and seconds > 0 else None


@dataclass(frozen=True, slots=True)
class State:
    """Where a model stands. `reason` is for people; `restarts` counts since the host was made."""

    phase: Phase
    reason: str = ""
    restarts: int = 0
    pid: int | None = None
    info: ModelInfo | None = None


@runtime_checkable
class ModelPort(Protocol):
    """A model. `decide` and `chat` block their thread; every method may be called from any thread.

    One request runs at a time, others wait their turn. Errors: `models.errors`.
    """

    def start(self) -> None:
        """Begin to load and return at once. Not needed: the first request does it too."""
        ...

    def restart(self) -> None:
        """Try again a model that stays down ("stopped", "refused"), because the user asked for it; returns at once."""
        ...

    def listen(self, on_state: Callable[[State], None]) -> None:
        """Tell `on_state` where the model stands, now and at every change, the newest last. It is called from the
        model's own threads and must neither block nor close the model. There is one listener; a new one replaces it."""
        ...

    def info(self) -> ModelInfo:
        """What is loaded; waits for it. Raises what kept it from loading."""
        ...

    def state(self) -> State:
        """Where it stands now; never waits."""
        ...

    def decide(self, request: DecideRequest) -> Decision: ...

    def chat(self, request: ChatRequest) -> Iterator[Delta | Called | Finished]:
        """Deltas and calls as they come, then exactly one Finished, or an error. Dropping the iterator cancels."""
        ...

    def cancel(self) -> None:
        """End the request that runs now with CancelledError; returns at once; nothing happens when none runs."""
        ...

    def memory_bytes(self) -> int | None:
        """Resident memory of whatever computes; None when that is unknown."""
        ...

    def close(self) -> None:
        """Stop for good; a running request ends with ClosedError. May be called twice."""
        ...
