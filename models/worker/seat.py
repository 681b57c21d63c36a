"""A model in its place: checked, loaded, warmed up, ready to serve requests. Every span of that is timed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models import bounds, wire
from models.contracts import DecideRequest, Decision, ModelInfo
from models.embedding import Embedded, gives_no_vectors, packed
from models.errors import TemplateError
from models.gguf_check import Header, examine
from models.starter import PROMPT_TOKENS_MAX
from models.worker import library
from models.worker.decide import decide, find_tokens
from models.worker.desk import Say
from models.worker.engine import CHUNK, Engine, Leave
from models.worker.placing import Placing

HASHED_BYTES_MAX = 64 * 1024 * 1024  # larger files are hashed once by the catalog, not at each start
WARM_UP = "remind me tomorrow at 9 to call Sam"


class Seat:
    """`steps` and `serve` are what the desk needs; what `load` returns and `placement` go out with "ready"."""

    def __init__(self, start: wire.Start, overdue: Callable[[TemplateError], None], begun: float) -> None:
        self._overdue = overdue
        self._wording: Any = None  # of a chat model, once it is asked
        self._start = start
        self._spans = {"python": max(0.0, (begun - start.born) * 1000)}
        self._engine: Engine | None = None
        self.placement: Any = None  # models.devices.records.Placement; of a small model None
        self._embedder: Any = None  # made when vectors are first asked for
        self._shared: Any = None  # prefix.SharedPrefix, once somebody chats
        self._keeping: Any = None  # of a chat model whose states are kept

    def steps(self) -> int:
        return self._engine.steps if self._engine else 0

    def load(self) -> ModelInfo:
        """Check the file, load it, make the context, run everything once. Raises ModelError."""
        path = Path(self._start.path)
        with self._span("check"):
            header, walked = examine(path)
            digest = self._start.sha256 or _digest(path, header)
            placing = Placing(self._start, header)
        with self._span("import"):
            lib = library.load()
        batch = PROMPT_TOKENS_MAX if header.kind == "starter" else CHUNK
        with self._span("place"):
            placing.decide(walked, lib, batch)
            self.placement = placing.placement
        with self._span("map"), placing.card_at_fault():
            self._engine = engine = self._engine_for(header, placing)
        with self._span("context"), placing.card_at_fault():
            engine.open(batch)
        with self._span("warm"):
            self._ids = find_tokens(engine)
            self._warm_up(engine)
        if self._start.snapshots and self._ids is None:
            with self._span("snapshot"):
                self._keep_states(engine, digest)
        return self._info(engine, header, digest)

    def settle(self) -> None:
        if self._keeping:
            self._keeping.settle()

    def _keep_states(self, engine: Engine, digest: str) -> None:
        from models.snapshots.budget import BUDGET_BYTES
        from models.snapshots.folder import Snapshots
        from models.worker.keeping import Keeping
        from models.worker.setup import setup_of

        folder = Snapshots(Path(self._start.snapshots), self._start.snapshot_bytes or BUDGET_BYTES)
        self._keeping = Keeping(engine, folder, setup_of(engine, digest, self._start.prompt_version), self._start.name)
        self._keeping.warm()

    def serve(self, order: wire.Line, leave: Leave, say: Say) -> wire.Line:
        engine = self._engine
        assert engine is not None, "load comes first"
        if order["op"] == "decide":
            if self._ids is None:
                raise bounds.wrong_kind("starter", self._start.name)
            return {"event": "decided", "decision": asdict(self._decide(engine, order, leave))}
        if order["op"] == "embed":
            return {"event": "embedded", **packed(self._embed(engine, order, leave))}
        if self._ids is not None:
            raise bounds.wrong_kind("chat", self._start.name)
        return {"event": "finished", **self._chat(engine, order, leave, say)}

    def _decide(self, engine: Engine, order: wire.Line, leave: Leave) -> Decision:
        assert self._ids is not None
        return decide(engine, self._ids, wire.decide_request(order), leave)

    def _embed(self, engine: Engine, order: wire.Line, leave: Leave) -> Embedded:
        from models.worker.embed import Embedder

        if self._ids is not None:
            raise gives_no_vectors(self._start.name)
        if self._embedder is None:
            self._embedder = Embedder(engine, self._start.n_ctx, self._start.name)
        made: Embedded = self._embedder.embed(order["texts"], leave)
        return made

    def _chat(self, engine: Engine, order: wire.Line, leave: Leave, say: Say) -> dict[str, Any]:
        from models.worker.chat import chat  # with jinja2: for those who chat
        from models.worker.prefix import SharedPrefix
        from models.worker.wording import Wording

        request = wire.chat_request(order)
        if self._wording is None:
            self._wording = Wording(engine, self._start.path, self._overdue)
        wording: Wording = self._wording
        now = time.time() if request.now is None else request.now
        tokens = wording.tokens(request, request.messages, now)
        request = wording.stopped(request)
        if self._shared is None:
            self._shared = SharedPrefix()
        shared = self._shared.length(tokens, request, lambda some: wording.tokens(request, some, now))
        engine.part(shared)
        if self._keeping:
            from models.snapshots.terms import Terms

            self._keeping.begin(request.keep, tokens, shared, Terms.of(order.get("snapshots")))
        finished = chat(engine, tokens, request, wording.dialect(request, now), leave, say)
        return _noted(finished, self._keeping.end(finished)) if self._keeping else finished

    def _engine_for(self, header: Header, placing: Placing) -> Engine:
        careful = self._start.careful or header.kind == "starter"  # README, why 4
        threads, n_ctx = self._start.threads, self._start.n_ctx
        return Engine(header.path, threads=threads, n_ctx=n_ctx, careful=careful, place=placing.apply)

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


def _noted(finished: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """With what is to be said of the answer as well as of its state."""
    return {**kept, "note": " ".join(filter(None, (finished["note"], kept["note"])))}


def _digest(path: Path, header: Header) -> str:
    if header.size_bytes > HASHED_BYTES_MAX or header.parts > 1:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stay() -> None:
    """Nobody can cancel a warm-up."""
