"""The twin: a model that answers from a script. Demo mode, documentation and tests run on it.

    Scripted([Decision("handoff", 0.9), "It says hello.", WorkerDiedError("The model stopped.")])

Each request takes the next entry: a Decision answers `decide`, a text answers `chat` (cut into words, as a real model
streams), `Says` also thinks and calls, an error is raised; `Breaks(text, error)` dies after that text.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
from array import array
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass

from models import bounds
from models.contracts import (
    Called,
    ChatRequest,
    DecideRequest,
    Decision,
    Delta,
    Finished,
    FinishReason,
    Kind,
    ModelInfo,
    Phase,
    State,
    ToolCall,
)
from models.embedding import Embedded, Vector, check_embed, gives_no_vectors
from models.errors import CancelledError, ClosedError, ModelError


@dataclass(frozen=True, slots=True)
class Breaks:
    """Says `text`, then fails with `error`."""

    text: str
    error: ModelError


@dataclass(frozen=True, slots=True)
class Says:
    """Thinks, says `text`, then calls tools that the request gave."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    thinking: str = ""


Entry = Decision | str | Says | Breaks | ModelError

INFO = ModelInfo(
    name="scripted", path="", sha256="0" * 64, kind="starter", size_bytes=0, parameters=0, architecture="script",
    n_ctx=2_048, n_ctx_train=2_048, has_template=False, llama_build="none", threads=0, load_ms=0.0,
)  # fmt: skip


class Scripted:
    """A `ModelPort` without a process. `kind` None decides and chats; requests are kept in `asked`."""

    def __init__(self, script: Iterable[Entry], *, info: ModelInfo = INFO, kind: Kind | None = None) -> None:
        self.asked: list[DecideRequest | ChatRequest] = []
        self._script = deque(script)
        self._info = info
        self._kind = kind  # None: does both
        self._turn = threading.Lock()
        self._cancel = threading.Event()
        self._running = False
        self._closed = False
        self._on_state: Callable[[State], None] = lambda _state: None

    def start(self) -> None:
        """It is always ready."""

    def restart(self) -> None:
        """It never stays down."""

    def listen(self, on_state: Callable[[State], None]) -> None:
        self._on_state = on_state
        self._tell()

    def info(self) -> ModelInfo:
        self._refuse_when_closed()
        return self._info

    def state(self) -> State:
        phase: Phase = "closed" if self._closed else "busy" if self._running else "ready"
        return State(phase, info=self._info)

    def decide(self, request: DecideRequest) -> Decision:
        bounds.check_decide(request)
        self._refuse_kind("starter")
        with self._turn:
            entry = self._next(request)
        if isinstance(entry, ModelError):
            raise entry
        if not isinstance(entry, Decision):
            raise AssertionError(f"the script has {entry!r} where a Decision is asked for")
        return entry

    def chat(self, request: ChatRequest) -> Generator[Delta | Called | Finished, None, None]:
        bounds.check_chat(request)
        self._refuse_kind("chat")
        with self._turn:
            entry = self._next(request)
            if isinstance(entry, ModelError):
                raise entry
            if isinstance(entry, Decision):
                raise AssertionError(f"the script has {entry!r} where text is asked for")
            self._running = True
            self._tell()
            self._cancel.clear()
            try:
                yield from self._stream(entry, request)
            finally:
                self._running = False
                self._tell()

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Vectors that mean nothing, but differ as the texts do."""
        check_embed(texts)
        self._refuse_when_closed()
        if self._kind == "starter":
            raise gives_no_vectors(self._info.name)
        return Embedded(tuple(map(_pretended, texts)), sum(len(text.split()) for text in texts))

    def cancel(self) -> None:
        if self._running:
            self._cancel.set()

    def memory_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        self._closed = True
        self._cancel.set()
        self._tell()

    def _stream(
        self, entry: str | Says | Breaks, request: ChatRequest
    ) -> Generator[Delta | Called | Finished, None, None]:
        said = entry if isinstance(entry, Says) else Says(entry if isinstance(entry, str) else entry.text)
        pieces = [(piece, True) for piece in _cut(said.thinking)] + [(piece, False) for piece in _cut(said.text)]
        for index, (piece, thinking) in enumerate(pieces[: request.max_tokens]):
            self._leave_when_told("".join(text for text, thought in pieces[:index] if not thought))
            yield Delta(index, piece, thinking)
        self._leave_when_told(said.text)
        if isinstance(entry, Breaks):
            raise entry.error
        whole = len(pieces) <= request.max_tokens
        yield from map(Called, _given(said.calls, request) if whole else ())
        reason: FinishReason = "length" if not whole else "calls" if said.calls else "stop"
        yield Finished(reason, min(len(pieces), request.max_tokens), len(request.messages), 0, 0.0, 0.0)

    def _tell(self) -> None:
        self._on_state(self.state())

    def _next(self, request: DecideRequest | ChatRequest) -> Entry:
        self._refuse_when_closed()
        self.asked.append(request)
        if not self._script:
            raise ModelError("The script has ended.", "the scripted model", "Give it one entry for each request.")
        return self._script.popleft()

    def _leave_when_told(self, partial: str) -> None:
        self._refuse_when_closed()
        if self._cancel.is_set():
            raise CancelledError(partial)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise ClosedError

    def _refuse_kind(self, needed: Kind) -> None:
        if self._kind not in (None, needed):
            raise bounds.wrong_kind(needed, self._info.name, self._kind)


def _cut(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+|\s+", text)


def _given(calls: tuple[ToolCall, ...], request: ChatRequest) -> tuple[ToolCall, ...]:
    """As with a real model, only what the request allows can be called."""
    names = {tool.name for tool in request.tools} if request.tool_choice != "none" else set()
    for call in calls:
        if call.name not in names:
            raise AssertionError(f"the script calls {call.name!r}; the request gave {sorted(names)}")
    return calls


def _pretended(text: str) -> Vector:
    values = [byte - 127.5 for byte in hashlib.sha256(text.encode("utf-8", "replace")).digest()]
    return array("f", (value / math.hypot(*values) for value in values))
