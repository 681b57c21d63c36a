"""A chat model that says, thinks and calls what it was told to, over a real profile."""

import re
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from agent.compose import build
from agent.loop.gauge import weight_of
from agent.loop.ports import Request
from agent.paths import Paths
from agent.protocol.events import CallSettled, ContextMeasured, Event, NoticeAdded, TurnEnded
from agent.protocol.records import Call, Message
from agent.runtime import Runtime
from models.contracts import Called, ChatRequest, Decision, Delta, Finished, FinishReason, ToolCall
from models.errors import CancelledError, ContextFullError, ModelError
from models.scripted import INFO, Scripted

SETTINGS = """schema = 1
timezone = "Europe/Berlin"
[model]
default = "chatty"
[contacts]
Dana = "dana@example.org"
"""
CHOSEN = SETTINGS.replace('default = "chatty"', 'default = "chatty"\ndecides = "chosen"')


@dataclass(frozen=True, slots=True)
class Think:
    text: str


@dataclass(frozen=True, slots=True)
class Do:
    """A call, under the name that the model was told."""

    name: str
    arguments: Mapping[str, Any]


Part = str | Think | Do | ModelError | Callable[[ChatRequest], "str | Do"]
Answer = Sequence[Part]


def do(name: str, **arguments: Any) -> Do:
    return Do(name, {key.rstrip("_"): value for key, value in arguments.items()})


class Chatty(Scripted):
    """Each request takes the next answer: parts in order. A callable is given the request and says what to say. Counts
    `rate` tokens a character and holds no more than its window."""

    def __init__(self, answers: Iterable[Answer] = (), *, n_ctx: int = 8_192, rate: float = 0.25) -> None:
        super().__init__((), info=replace(INFO, name="chatty", sha256="c" * 64, kind="chat", n_ctx=n_ctx), kind="chat")
        self.answers: deque[Answer] = deque(answers)
        self.requests: list[ChatRequest] = []
        self.rate = rate
        self.refused = 0
        self.note = ""
        self._count = 0

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:  # type: ignore[override]
        counted = round(weight_of(request) * self.rate)
        if counted + min(request.max_tokens, 32) > self._info.n_ctx:
            self.refused += 1
            raise ContextFullError("Too long.", "this conversation", used=counted, limit=self._info.n_ctx)
        self.requests.append(request)
        if not self.answers:
            raise ModelError("The script has ended.")
        self._running = True
        self._cancel.clear()
        try:
            yield from self._parts(self.answers.popleft(), request, counted)
        finally:
            self._running = False

    def _parts(self, answer: Answer, request: ChatRequest, counted: int) -> Iterator[Delta | Called | Finished]:
        index, reason = 0, "stop"
        for part in answer:
            said = part(request) if callable(part) else part
            if isinstance(said, ModelError):
                raise said
            if isinstance(said, Do):
                self._count += 1
                reason = "calls"
                yield Called(ToolCall(f"call{self._count:05d}", said.name, said.arguments))
                continue
            text = said.text if isinstance(said, Think) else said
            for piece in re.findall(r"\S+\s*|\s+", text):
                if self._cancel.is_set():
                    raise CancelledError
                yield Delta(index, piece, isinstance(said, Think))
                index += 1
        ended: FinishReason = "calls" if reason == "calls" else "stop"
        yield Finished(ended, index, counted, 0, 5.0, 10.0, note=self.note)


@dataclass
class Turn:
    events: list[Event]

    @property
    def ended(self) -> TurnEnded:
        assert isinstance(self.events[-1], TurnEnded)
        return self.events[-1]

    @property
    def text(self) -> str:
        return self.ended.message.text

    @property
    def calls(self) -> list[Call]:
        return [event.call for event in self.events if isinstance(event, CallSettled)
                and event.turn_id == self.ended.turn_id]  # fmt: skip

    @property
    def measured(self) -> ContextMeasured:
        (event,) = [event for event in self.events if isinstance(event, ContextMeasured)]
        return event

    @property
    def notices(self) -> list[Message]:
        return [event.message for event in self.events if isinstance(event, NoticeAdded)]


@dataclass
class Chat:
    """`say` hands the starter's decision over to the chat model, where it is asked at all."""

    runtime: Runtime
    model: Chatty
    starter: Scripted
    conversation: str | None = None
    turns: list[Turn] = field(default_factory=list)

    def say(self, text: str, *answers: Answer, **options: Any) -> Turn:
        self.model.answers.extend(answers)
        if self.runtime.settings.model_decides == "starter":
            self.starter._script.append(Decision("handoff", 0.9))
        return self.ask(text, **options)

    def ask(self, text: str, decision: Decision | None = None, **options: Any) -> Turn:
        """As the starter decides, or by rules where it is not asked."""
        if decision:
            self.starter._script.append(decision)
        events = list(self.runtime.turn(Request(text, self.conversation, cause="k", **options)))
        assert {event.cause for event in events} == {"k"}
        turn = Turn(events)
        if not options.get("dry_run"):
            self.conversation = turn.ended.message.conversation_id
        self.turns.append(turn)
        return turn

    @property
    def messages(self) -> tuple[Message, ...]:
        assert self.conversation is not None
        return self.runtime.conversations.messages(self.conversation)


@contextmanager
def chat_with(paths: Paths, model: Chatty, settings: str = SETTINGS, **options: Any) -> Iterator[Chat]:
    paths.agentrc.write_text(settings)
    starter = Scripted([])

    def open_model(name: str) -> Scripted:
        return starter if name == "starter" else model

    with build(paths, environ={}, open_model=open_model, offline=True, **options) as runtime:
        yield Chat(runtime, model, starter)
