"""Continues a conversation token by token. The same request with the same seed gives the same text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from models.contracts import ChatRequest, FinishReason
from models.dialects.dialect import Dialect
from models.errors import ContextFullError
from models.worker.answer import Answer
from models.worker.desk import Say
from models.worker.engine import Engine, Leave
from models.worker.sampling import Sampler
from models.worker.steering import Steering

ROOM_MIN = 32  # tokens that must be free for an answer, unless fewer were asked for


def chat(
    engine: Engine, tokens: Sequence[int], request: ChatRequest, dialect: Dialect, leave: Leave, say: Say
) -> dict[str, Any]:
    """Say the answer piece by piece; the fields of `contracts.Finished`."""
    started = time.perf_counter()
    _check_room(engine, len(tokens), request.max_tokens)
    reused = engine.read(tokens, leave)
    answer = Answer(engine, request, dialect, say)
    made, first_ms = 0, 0.0
    reason: FinishReason = "length"
    with Sampler(engine, request) as sampler:
        steering = Steering(request, dialect, sampler, answer.reader)
        while made < request.max_tokens:
            leave()
            steering.look()
            token = sampler.next()
            first_ms = first_ms or (time.perf_counter() - started) * 1000
            if engine.ends(token):
                reason = "stop"
                break
            made += 1
            answer.take(token)
            if answer.hit:
                reason = "stop"
                break
            if not engine.has_room():
                reason = "context"
                break
            engine.push((token,))
    answer.finish()
    note = " ".join(filter(None, (*answer.notes, steering.note)))
    return {
        "reason": "calls" if answer.calls and reason == "stop" else reason,
        "tokens": made, "prompt_tokens": len(tokens), "reused": reused, "first_token_ms": first_ms,
        "total_ms": (time.perf_counter() - started) * 1000, "note": note,
    }  # fmt: skip


def _check_room(engine: Engine, prompt: int, wanted: int) -> None:
    needed = prompt + min(wanted, ROOM_MIN)
    if needed > engine.n_ctx:
        raise ContextFullError(
            f"The conversation has grown to {prompt:,} tokens; this model holds {engine.n_ctx:,}.", "this conversation",
            "Reset it (your work stays in the library), or choose a model with a longer memory.",
            used=needed, limit=engine.n_ctx,
        )  # fmt: skip
