"""The twin: a model that answers from a script. Demo mode, documentation and tests run on it.

    Scripted([Decision("handoff", 0.9), "It says hello.", WorkerDiedError("The model stopped.")])

Each request takes the next entry: a Decision answers `decide`, a text answers `chat` (cut into words, as a real model
streams), an error is raised; a text followed by `Breaks(error)` dies after that text.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass

from models import bounds
from models.contracts import (
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
)
from models.errors import CancelledError, ClosedError, ModelError


@dataclass(frozen=True, slots=True)
class Breaks:
    """Says `text`, then fails with `error`."""

    text: str
    error: ModelError


Entry = Decision | str | Breaks | ModelError

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

    def chat(self, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
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

    def cancel(self) -> None:
        if self._running:
            self._cancel.set()

    def memory_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        self._closed = True
        self._cancel.set()
        self._tell()

    def _stream(self, entry: str | Breaks, request: ChatRequest) -> Generator[Delta | Finished, None, None]:
        text = entry if isinstance(entry, str) else entry.text
        pieces = re.findall(r"\s*\S+\s*$|\s*\S+|\s+", text)
        for index, piece in enumerate(pieces[: request.max_tokens]):
            self._leave_when_told("".join(pieces[:index]))
            yield Delta(index, piece)
        self._leave_when_told(text)
        if isinstance(entry, Breaks):
            raise entry.error
        reason: FinishReason = "length" if len(pieces) > request.max_tokens else "stop"
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
            raise bounds.wrong_kind(needed, self._info.name)
