"""A model in its place: checked, loaded, warmed up, ready to serve requests. Every span of that is timed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from models import bounds, wire
from models.contracts import DecideRequest, Decision, Kind, ModelInfo
from models.devices.window import NO_ROOM, Context
from models.embedding import TEXT_TOKENS_MAX, Embedded, gives_no_vectors, packed
from models.errors import TemplateError
from models.gguf_check import Header, examine
from models.worker import library
from models.worker.desk import Say
from models.worker.engine import CHUNK, Engine, Leave
from models.worker.growing import SHORT
from models.worker.meanwhile import Meanwhile
from models.worker.placing import Placing

HASHED_BYTES_MAX = 64 * 1024 * 1024  # larger files are hashed once by the catalog, not at each start
WARM_UP = "remind me tomorrow at 9 to call Sam"


class Seat:
    """`steps` and `serve` are what the desk needs; what `load` returns and `placement` go out with "ready"."""

    def __init__(self, start: wire.Start, overdue: Callable[[TemplateError], None], begun: float) -> None:
        self._overdue = overdue
        self._start = start
        self._spans = {
            "python": max(0.0, (begun - start.born) * 1000),
            "modules": max(0.0, (time.time() - begun) * 1000),
        }
        self._ids: dict[str, int] | None = None  # of the starter
        self._engine: Engine | None = None
        self._kind: Kind = "chat"
        self.placement: Any = None  # models.devices.records.Placement; of a small model None
        self._embedder: Any = None  # made when vectors are first asked for; of a model for search at once
        self._words: Meanwhile[ModuleType] | None = None  # the module of what follows
        self._talking: Any = None  # talking.Talking, once somebody chats, or a saved state is taken up
        self._digest = ""

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
        self._kind = header.kind
        batch = self._batch(header, placing)
        with self._span("place"):
            placing.decide(walked, lib, batch)
            self.placement = placing.placement
        early = self._begin_ahead(digest) if self._kind == "chat" else None
        with self._span("map"), placing.card_at_fault():
            self._engine = engine = self._engine_for(header, placing)
        with self._span("context"), placing.card_at_fault():
            self._open(engine, batch)
        self._digest = digest
        if early:
            with self._span("snapshot"):
                self._conversing(engine).take_up(early.result)
        if not engine.restored:  # a state that fits shows that all of this has run on this machine
            with self._span("warm"):
                self._warm_up(engine)
        if missed := placing.context.missed:
            engine.short = engine.short or SHORT.format(planned=missed, fewer=engine.n_ctx)
        return self._info(engine, header, digest, placing.context)

    def _begin_ahead(self, digest: str) -> Meanwhile[Any] | None:
        """What can be done without the model, beside loading it; the saved state, if any are kept."""
        self._words = Meanwhile("words", _talking_module)
        return Meanwhile("state", partial(_early, self._start, digest)) if self._start.snapshots else None

    def _batch(self, header: Header, placing: Placing) -> int:
        """Tokens that are read at once: of a text to search by all of it."""
        if header.kind == "search":
            return min(placing.context.tokens, header.n_ctx_train or TEXT_TOKENS_MAX, TEXT_TOKENS_MAX)
        if header.kind == "starter":
            from models.starter import PROMPT_TOKENS_MAX

            return PROMPT_TOKENS_MAX
        return CHUNK

    def _open(self, engine: Engine, batch: int) -> None:
        """A model for search is never talked with: it has the context for vectors alone."""
        if self._kind == "search":
            self._embedder = self._embedder_of(engine)
        else:
            engine.open(batch)

    def settle(self) -> None:
        if self._talking:
            self._talking.settle()

    def serve(self, order: wire.Line, leave: Leave, say: Say) -> wire.Line:
        engine = self._engine
        assert engine is not None, "load comes first"
        if order["op"] == "decide":
            if self._ids is None:
                raise bounds.wrong_kind("starter", self._start.name)
            return {"event": "decided", "decision": asdict(self._decide(engine, order, leave))}
        if order["op"] == "embed":
            return {"event": "embedded", **packed(self._embed(engine, order, leave))}
        if self._ids is not None or self._kind == "search":
            raise bounds.wrong_kind("chat", self._start.name, self._kind)
        return {"event": "finished", **self._chat(engine, order, leave, say)}

    def _decide(self, engine: Engine, order: wire.Line, leave: Leave) -> Decision:
        from models.worker.decide import decide

        assert self._ids is not None
        return decide(engine, self._ids, wire.decide_request(order), leave)

    def _embed(self, engine: Engine, order: wire.Line, leave: Leave) -> Embedded:
        if self._ids is not None:
            raise gives_no_vectors(self._start.name)
        if self._embedder is None:
            self._embedder = self._embedder_of(engine)
        made: Embedded = self._embedder.embed(order["texts"], leave)
        return made

    def _embedder_of(self, engine: Engine) -> Any:
        from models.worker.embed import Embedder

        return Embedder(engine, engine.n_ctx, self._start.name)

    def _chat(self, engine: Engine, order: wire.Line, leave: Leave, say: Say) -> dict[str, Any]:
        finished: dict[str, Any] = self._conversing(engine).answer(order, leave, say)
        return finished

    def _conversing(self, engine: Engine) -> Any:
        if self._talking is None:
            module = self._words.result() if self._words else _talking_module()
            self._talking = module.Talking(engine, self._start, self._digest, self._overdue)
        return self._talking

    def _engine_for(self, header: Header, placing: Placing) -> Engine:
        careful = self._start.careful or header.kind == "starter"  # README, why 4
        threads, n_ctx = self._start.threads, placing.context.tokens
        return Engine(header.path, threads=threads, n_ctx=n_ctx, careful=careful, place=placing.apply)

    def _warm_up(self, engine: Engine) -> None:
        """The first request pays for what the system does lazily: let it be ours."""
        if self._kind == "search":
            self._embedder.embed([WARM_UP], _stay)
            return
        if self._kind == "starter":
            from models.worker.decide import decide, find_tokens

            self._ids = find_tokens(engine)
            self._kind = "starter" if self._ids else "chat"
        if self._ids is not None:
            decide(engine, self._ids, DecideRequest(WARM_UP), _stay)
        else:
            words = engine.tokenize(WARM_UP, special=False)
            engine.read(words if engine.on_card else words[:1], _stay)
        engine.forget()

    def _info(self, engine: Engine, header: Header, digest: str, planned: Context) -> ModelInfo:
        return ModelInfo(
            name=self._start.name,
            path=self._start.path,
            sha256=digest,
            kind=self._kind if self._ids is None else "starter",
            size_bytes=header.size_bytes,
            parameters=engine.parameters,
            architecture=header.architecture,
            n_ctx=self._embedder.room if self._kind == "search" else engine.n_ctx,
            n_ctx_train=engine.n_ctx_train,
            n_ctx_why=planned.why if engine.n_ctx >= planned.tokens or not planned.why else NO_ROOM,
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


def _talking_module() -> ModuleType:
    return import_module("models.worker.talking")


def _early(start: wire.Start, digest: str) -> Any:
    from models.worker.early import read_early, snapshots_of

    return read_early(snapshots_of(start), digest)


def _digest(path: Path, header: Header) -> str:
    if header.size_bytes > HASHED_BYTES_MAX or header.parts > 1:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stay() -> None:
    """Nobody can cancel a warm-up."""
