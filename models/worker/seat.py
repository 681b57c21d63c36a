"""A model in its place: checked, loaded, warmed up, ready to serve requests. Every span of that is timed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from models import bounds, wire
from models.contracts import ChatRequest, DecideRequest, Decision, Message, ModelInfo
from models.errors import TemplateError
from models.gguf_check import Header, check
from models.starter import PROMPT_TOKENS_MAX
from models.worker import library
from models.worker.chat import chat
from models.worker.decide import decide, find_tokens
from models.worker.engine import CHUNK, Engine, Leave

HASHED_BYTES_MAX = 64 * 1024 * 1024  # larger files are hashed once by the catalog, not at each start
WARM_UP = "remind me tomorrow at 9 to call Sam"


class Seat:
    """`steps` and `serve` are what the desk needs; `info` goes out with "ready"."""

    def __init__(self, start: wire.Start, overdue: Callable[[TemplateError], None], begun: float) -> None:
        self._overdue = overdue
        self._template: Any = None
        self._start = start
        self._spans = {"python": max(0.0, (begun - start.born) * 1000)}
        self._engine: Engine | None = None

    def steps(self) -> int:
        return self._engine.steps if self._engine else 0

    def load(self) -> ModelInfo:
        """Check the file, load it, make the context, run everything once. Raises ModelError."""
        path = Path(self._start.path)
        with self._span("check"):
            header = check(path)
            digest = self._start.sha256 or _digest(path, header)
        with self._span("import"):
            library.load()
        with self._span("map"):
            self._engine = engine = self._engine_for(header)
        with self._span("context"):
            engine.open(PROMPT_TOKENS_MAX if header.kind == "starter" else CHUNK)
        with self._span("warm"):
            self._ids = find_tokens(engine)
            self._warm_up(engine)
        return self._info(engine, header, digest)

    def serve(self, order: wire.Line, leave: Leave, say: Callable[[str], None]) -> wire.Line:
        engine = self._engine
        assert engine is not None, "load comes first"
        if order["op"] == "decide":
            if self._ids is None:
                raise bounds.wrong_kind("starter", self._start.name)
            return {"event": "decided", "decision": asdict(self._decide(engine, order, leave))}
        if self._ids is not None:
            raise bounds.wrong_kind("chat", self._start.name)
        return {"event": "finished", **self._chat(engine, order, leave, say)}

    def _decide(self, engine: Engine, order: wire.Line, leave: Leave) -> Decision:
        assert self._ids is not None
        return decide(engine, self._ids, wire.decide_request(order), leave)

    def _chat(self, engine: Engine, order: wire.Line, leave: Leave, say: Callable[[str], None]) -> dict[str, Any]:
        from models.worker.prompt import PLAIN_STOPS, prompt_tokens  # jinja2 is for those who chat

        request = ChatRequest(**{**order["request"], "messages": _messages(order)})
        self._make_template(engine)
        now = time.time() if request.now is None else request.now
        tokens = prompt_tokens(engine, self._template, request.messages, now)
        if self._template is None:
            request = replace(request, stop=(*request.stop, *PLAIN_STOPS))
        return chat(engine, tokens, request, leave, say)

    def _make_template(self, engine: Engine) -> None:
        from models.worker.template import ChatTemplate

        text = engine.chat_template()
        if self._template is None and text is not None:
            self._template = ChatTemplate(text, self._start.path, self._overdue)

    def _engine_for(self, header: Header) -> Engine:
        careful = self._start.careful or header.kind == "starter"  # README, why 4
        return Engine(header.path, threads=self._start.threads, n_ctx=self._start.n_ctx, careful=careful)

    def _warm_up(self, engine: Engine) -> None:
        """The first request pays for what the system does lazily: let it be ours."""
        if self._ids is not None:
            decide(engine, self._ids, DecideRequest(WARM_UP), _stay)
        else:
            engine.read(engine.tokenize(WARM_UP, special=False), _stay)
        engine.forget()

    def _info(self, engine: Engine, header: Header, digest: str) -> ModelInfo:
        return ModelInfo(
            name=self._start.name,
            path=self._start.path,
            sha256=digest,
            kind="chat" if self._ids is None else "starter",
            size_bytes=header.size_bytes,
            parameters=engine.parameters,
            architecture=header.architecture,
            n_ctx=engine.n_ctx,
            n_ctx_train=engine.n_ctx_train,
            has_template=bool(header.chat_template),
            llama_build=library.build(engine.lib),
            threads=engine.threads,
            load_ms=(time.time() - self._start.born) * 1000,
            spans_ms=self._spans,
        )

    @contextmanager
    def _span(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._spans[name] = (time.perf_counter() - started) * 1000


def _messages(order: wire.Line) -> tuple[Message, ...]:
    return tuple(Message(**message) for message in order["request"]["messages"])


def _digest(path: Path, header: Header) -> str:
    if header.size_bytes > HASHED_BYTES_MAX or header.parts > 1:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stay() -> None:
    """Nobody can cancel a warm-up."""
