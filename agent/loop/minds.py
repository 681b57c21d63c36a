"""The models of one profile: the starter decides, the chosen GGUF (if any) talks. Workers start when first needed.

Nothing but `ModelPort` is known of either; compose.py says how one is opened. Errors of a model that dies or is
cancelled leave the turn with the text that had arrived.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from agent.agentrc.settings import Settings
from agent.loop.answers import answered_by_rule, filled_by_rule
from agent.loop.gauge import Gauge, weight_of
from agent.loop.leave import CancelledByUserError, ModelGoneError, TooLongError
from agent.loop.ports import Intended, Situation, Thought
from agent.loop.prompt import PROMPT_VERSION
from agent.protocol.records import AnswerLabel, Outcome
from models.contracts import (
    Called,
    ChatRequest,
    DecideRequest,
    Decision,
    Delta,
    Finished,
    ModelInfo,
    ModelPort,
    PointedCall,
)
from models.devices.records import Placement
from models.devices.window import NO_ROOM
from models.errors import CancelledError, ContextFullError, ModelError

STARTER, CHOSEN = "starter", "chosen"
LOCAL = "local"  # level three of the cascade

OpenModel = Callable[[str], ModelPort]  # a name or path as written in the settings


class Minds:
    """`settings()` are those in force: they name the chosen model and shape the chat prompt."""

    def __init__(self, open_model: OpenModel, settings: Callable[[], Settings]) -> None:
        self._open_model = open_model
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, ModelPort] = {}
        self._opened_for: dict[str, int] = {}  # by model: the context that the settings asked for then
        self._holds: dict[str, tuple[ModelInfo, int]] = {}  # by model: fewer tokens than it was loaded for
        self._gauges: dict[str, Gauge] = {}  # by model
        self._tokens_per_second: dict[str, float] = {}  # by model, of its last request
        self._stop = threading.Event()  # pressed, but not yet heard by a model

    def model(self, name: str) -> ModelPort:
        """The open model of that name; opened on first use. At most two stay open: the starter and the chosen one."""
        with self._lock:
            if name not in self._open:
                for other in [other for other in self._open if other not in (STARTER, self._chosen())]:
                    self._open.pop(other).close()
                self._opened_for[name] = self._settings().model_context
                self._open[name] = self._open_model(name)
            return self._open[name]

    def let_go(self, name: str) -> None:
        """Close it; the next request opens what then lies under that name."""
        with self._lock:
            model = self._open.pop(name, None)
        if model:
            model.close()

    def loaded(self, name: str) -> ModelInfo | None:
        """What is loaded under that name, without waiting for it."""
        model = self._open.get(name)
        return model.state().info if model else None

    def is_stopped(self) -> bool:
        """Whether the user has pressed Stop since the turn began."""
        return self._stop.is_set()

    def _chosen(self) -> str:
        return self._settings().model_default

    def talks(self) -> bool:
        return self._chosen() != STARTER

    def decide(self, text: str, situation: Situation) -> Thought:
        """An answer to choices is read by rules, everything else by the starter; where the settings let the chosen
        model decide, that is handed to it."""
        rules = AnswerLabel("rules", "", "", "", PROMPT_VERSION, self._settings().config_hash, None, None, None)
        if answered := answered_by_rule(text, situation.question, rules):
            return answered
        if self.talks() and self._settings().model_decides == CHOSEN:
            return Thought(Outcome.HANDOFF, rules)
        with _leaving():
            self._raise_when_stopped()
            decision = self.model(STARTER).decide(_asked(text, situation))
            self._clock(STARTER, decision.tokens, decision.total_ms)
            label = self._label(STARTER, decision.confidence, decision.first_token_ms, decision.total_ms)
        thought = _thought(decision, label)
        return filled_by_rule(text, situation.question, thought) or thought

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        name = self._chosen()
        gauge = self._gauge(name)
        with _leaving():
            self._raise_when_stopped()
            try:
                for piece in self.model(name).chat(request):
                    if isinstance(piece, Finished):
                        gauge.learn(weight_of(request), piece.prompt_tokens)
                        self._clock(name, piece.tokens, piece.total_ms)
                    yield piece
            except ContextFullError as error:
                gauge.learn(weight_of(request), error.used)
                self._hold(name, error.limit)
                raise

    def chat_label(self, answers: Sequence[Finished] = ()) -> AnswerLabel:
        """The first word is that of the first answer, the time that of all."""
        timings = (answers[0].first_token_ms, sum(one.total_ms for one in answers)) if answers else (None, None)
        return self._label(self._chosen(), None, *timings)

    def window(self, *, wait: bool = True) -> int:
        name = self._chosen()
        if not wait:
            info = self.loaded(name)
            return self._room(name, info) if info else 0
        with _leaving():
            self._raise_when_stopped()
            return self._room(name, self.model(name).info())

    def window_why(self) -> str:
        """Why it holds no more, in words; "" where that is not known."""
        name = self._chosen()
        info = self.loaded(name)
        if info is None:
            return ""
        return info.n_ctx_why if self._room(name, info) == info.n_ctx else NO_ROOM

    def _hold(self, name: str, limit: int) -> None:
        """It could not be given all the room that it was loaded for."""
        info = self.loaded(name)
        if info and 0 < limit < info.n_ctx:
            self._holds[name] = info, limit

    def _room(self, name: str, info: ModelInfo) -> int:
        loaded, limit = self._holds.get(name, (None, 0))
        return limit if loaded is info else info.n_ctx

    def learn(self, name: str, request: ChatRequest, tokens: int) -> None:
        """What that model counted of a request that was no turn's. From any thread."""
        self._gauge(name).learn(weight_of(request), tokens)

    def tokens(self, characters: int) -> int:
        return self._gauge(self._chosen()).tokens(characters)

    def heed(self) -> None:
        with _leaving():
            self._raise_when_stopped()

    def begin(self) -> None:
        """A new turn: a stop that was pressed for the one before counts no more, and settings changed since then do."""
        self._stop.clear()
        name = self._chosen()
        if name != STARTER and self._opened_for.get(name, asked := self._settings().model_context) != asked:
            self.let_go(name)

    def cancel(self) -> None:
        """From any thread, at any moment of a turn."""
        self._stop.set()
        for model in tuple(self._open.values()):
            model.cancel()

    def details(self) -> dict[str, Any]:
        """Of the chosen model, as the Models view shows it; only what is known without waiting."""
        model = self._open.get(self._chosen())
        state = model.state() if model else None
        info = state.info if state else None
        if model is None or state is None or info is None:
            return {"state": state.phase if state else "stopped", "why": state.reason if state else ""}
        speed = self._tokens_per_second.get(self._chosen())
        return {
            "state": state.phase, "why": state.reason, "name": info.name, "parameters": info.parameters,
            "context": self._room(self._chosen(), info), "context_why": self.window_why(),
            "tokens_per_second": speed, "memory_bytes": model.memory_bytes(),
            "llama_build": info.llama_build, "threads": info.threads, "load_ms": info.load_ms,
            "placement": _placement(model),
        }  # fmt: skip

    def close(self) -> None:
        with self._lock:
            for model in self._open.values():
                model.close()
            self._open.clear()

    def _clock(self, name: str, tokens: int, total_ms: float) -> None:
        if total_ms:
            self._tokens_per_second[name] = tokens / (total_ms / 1_000)

    def _gauge(self, name: str) -> Gauge:
        return self._gauges.setdefault(name, Gauge())

    def _raise_when_stopped(self) -> None:
        """The moments between two models, which neither of them would hear."""
        if self._stop.is_set():
            raise CancelledError

    def _label(
        self, name: str, confidence: float | None, first_token_ms: float | None, total_ms: float | None
    ) -> AnswerLabel:
        """What made an answer (promise 5); no adapter is loaded yet, so its digest is empty."""
        try:
            info = self.model(name).info()
            name, sha256 = info.name, info.sha256
        except ModelError:
            sha256 = ""  # it could not even be loaded: the answer says why
        return AnswerLabel(
            level=LOCAL, model=name, model_sha256=sha256, adapter_sha256="", prompt_version=PROMPT_VERSION,
            config_hash=self._settings().config_hash, confidence=confidence, first_token_ms=first_token_ms,
            total_ms=total_ms,
        )  # fmt: skip


@runtime_checkable
class Placed(Protocol):
    """A model that tells which of its layers are on a graphics card (models.host.ModelHost)."""

    def placement(self) -> Placement | None: ...


def _placement(model: ModelPort) -> str:
    """In a sentence or two; "" where nothing is known, or nothing is to be told of a small model."""
    placed = model.placement() if isinstance(model, Placed) else None
    return f"{placed.words} {placed.note}".strip() if placed else ""


def _asked(text: str, situation: Situation) -> DecideRequest:
    question = situation.question
    lacking = (question.tool, question.lacks) if question and question.lacks else None
    called = tuple(call.tool for call in situation.calls)
    return DecideRequest(text, called, lacking, situation.known, situation.tools)


def _thought(decision: Decision, label: AnswerLabel) -> Thought:
    return Thought(
        Outcome(decision.outcome), label, _intended(decision.calls), decision.topic, decision.missing,
        decision.lacks, _intended(decision.guess), _intended(decision.second), decision.follow,
    )  # fmt: skip


def _intended(calls: Sequence[PointedCall]) -> tuple[Intended, ...]:
    return tuple(Intended(call.tool, dict(call.args)) for call in calls)


@contextmanager
def _leaving() -> Iterator[None]:
    """A model's error ends the turn, not the session."""
    try:
        yield
    except CancelledError as error:
        raise CancelledByUserError("You stopped this answer.") from error
    except ModelError as error:
        where = f"({error.where})" if error.where else ""
        kind = TooLongError if isinstance(error, ContextFullError) else ModelGoneError
        raise kind(" ".join(part for part in (error.what, where, error.todo) if part)) from error
