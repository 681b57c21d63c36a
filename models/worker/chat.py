"""Continues a conversation token by token. The same request with the same seed gives the same text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from models.contracts import ChatRequest
from models.errors import ContextFullError
from models.worker.engine import Engine, Leave
from models.worker.stops import Outlet

ROOM_MIN = 32  # tokens that must be free for an answer, unless fewer were asked for
TOP_K, TOP_P, MIN_P = 40, 0.95, 0.05
KEEP_MIN = 1


def chat(
    engine: Engine, tokens: Sequence[int], request: ChatRequest, leave: Leave, say: Callable[[str], None]
) -> dict[str, Any]:
    """Say the answer piece by piece; the fields of `contracts.Finished`."""
    started = time.perf_counter()
    _check_room(engine, len(tokens), request.max_tokens)
    reused = engine.read(tokens, leave)
    outlet = Outlet(request.stop)
    made, first_ms, reason = 0, 0.0, "length"
    with _sampler(engine.lib, request) as sampler:
        while made < request.max_tokens:
            leave()
            token = engine.sample(sampler)
            first_ms = first_ms or (time.perf_counter() - started) * 1000
            if engine.ends(token):
                reason = "stop"
                break
            made += 1
            _say(outlet.feed(engine.piece(token)), say)
            if outlet.hit:
                reason = "stop"
                break
            if engine.room() < 1:
                reason = "context"
                break
            engine.push((token,))
    _say(outlet.feed(b"", final=True), say)
    return {
        "reason": reason, "tokens": made, "prompt_tokens": len(tokens), "reused": reused,
        "first_token_ms": first_ms, "total_ms": (time.perf_counter() - started) * 1000,
    }  # fmt: skip


def _say(text: str, say: Callable[[str], None]) -> None:
    if text:
        say(text)


def _check_room(engine: Engine, prompt: int, wanted: int) -> None:
    needed = prompt + min(wanted, ROOM_MIN)
    if needed > engine.n_ctx:
        raise ContextFullError(
            f"The conversation has grown to {prompt:,} tokens; this model holds {engine.n_ctx:,}.", "this conversation",
            "Reset it (your work stays in the library), or choose a model with a longer memory.",
            used=needed, limit=engine.n_ctx,
        )  # fmt: skip


@contextmanager
def _sampler(lib: Any, request: ChatRequest) -> Iterator[Any]:
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    if request.temperature <= 0:
        steps = [lib.llama_sampler_init_greedy()]
    else:
        steps = [
            lib.llama_sampler_init_top_k(TOP_K),
            lib.llama_sampler_init_top_p(TOP_P, KEEP_MIN),
            lib.llama_sampler_init_min_p(MIN_P, KEEP_MIN),
            lib.llama_sampler_init_temp(request.temperature),
            lib.llama_sampler_init_dist(request.seed & 0xFFFFFFFF),
        ]
    for step in steps:
        lib.llama_sampler_chain_add(chain, step)
    try:
        yield chain
    finally:
        lib.llama_sampler_free(chain)
