"""Vectors of texts, in a context of their own beside the one that talks, made at first use.

A model that reads from left to right is given a text in chunks, and their means are joined, weighted by length: that is
the mean of all its tokens (README, why 12), with the memory of one chunk. A model made for search pools as its file
says; one that sees both ways reads a text whole.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

from models.embedding import TEXT_TOKENS_MAX, Embedded, Vector
from models.errors import ContextFullError, ModelError, RequestTooLargeError
from models.worker.engine import CHUNK, Engine, Leave

SEQUENCE = 0


class Embedder:
    """`n_ctx`: tokens that the caller allows a text to have; `room`: that it may have. Not thread-safe."""

    def __init__(self, engine: Engine, n_ctx: int, name: str) -> None:
        self._engine = engine
        self._lib = engine.lib
        self._name = name
        self.room = min(n_ctx, engine.n_ctx_train or n_ctx, TEXT_TOKENS_MAX)
        self._pooling, self._whole = self._ways()
        self._at_once = self.room if self._whole else CHUNK
        self._context = self._open(self.room, self._at_once, self._pooling)
        self._memory = self._lib.llama_get_memory(self._context)
        self._batch = self._lib.llama_batch_init(self._at_once, 0, 1)
        self._size = self._lib.llama_model_n_embd_out(engine.model)

    def embed(self, texts: Sequence[str], leave: Leave) -> Embedded:
        cut = [self._tokens(number, text) for number, text in enumerate(texts, 1)]  # refuse before anything is read
        return Embedded(tuple(self._vector(tokens, leave) for tokens in cut), sum(map(len, cut)))

    def _ways(self) -> tuple[int, bool]:
        """How this model pools, and whether it must see a text whole: a small context knows."""
        lib, probe = self._lib, self._open(CHUNK, CHUNK, self._lib.LLAMA_POOLING_TYPE_UNSPECIFIED)
        own = lib.llama_pooling_type(probe)
        whole = not lib.llama_get_memory(probe) or not lib.llama_get_causal_attn(probe)
        lib.llama_free(probe)
        known = (lib.LLAMA_POOLING_TYPE_MEAN, lib.LLAMA_POOLING_TYPE_CLS, lib.LLAMA_POOLING_TYPE_LAST)
        return own if own in known else lib.LLAMA_POOLING_TYPE_MEAN, whole

    def _open(self, n_ctx: int, at_once: int, pooling: int) -> Any:
        settings = self._lib.llama_context_default_params()
        settings.n_ctx = n_ctx
        settings.n_batch = settings.n_ubatch = at_once
        settings.n_threads = settings.n_threads_batch = self._engine.threads
        settings.embeddings = True
        settings.pooling_type = pooling
        context = self._lib.llama_init_from_model(self._engine.model, settings)
        if not context:
            raise ModelError(
                f"{self._name} could not be given room for vectors.", self._name,
                "Close other programs, or choose a smaller model.",
            )  # fmt: skip
        return context

    def _tokens(self, number: int, text: str) -> list[int]:
        tokens = self._engine.tokenize(text, special=False, begin=True)
        if not tokens:
            raise RequestTooLargeError(f"{self._name} can read nothing of text {number}.", "the texts", "Leave it out.")
        if len(tokens) > self.room:
            raise ContextFullError(
                f"Text {number} has {len(tokens):,} tokens; {self._name} makes a vector of at most {self.room:,}.",
                "the texts", "Split it and ask for each part.", used=len(tokens), limit=self.room,
            )  # fmt: skip
        return tokens

    def _vector(self, tokens: Sequence[int], leave: Leave) -> Vector:
        if self._memory:
            self._lib.llama_memory_clear(self._memory, False)
        parts: list[tuple[int, Vector]] = []
        for start in range(0, len(tokens), self._at_once):
            leave()
            chunk = tokens[start : start + self._at_once]
            parts.append((len(chunk), self._read(chunk, start)))
        return _unit(self._joined(parts), self._name)

    def _joined(self, parts: Sequence[tuple[int, Vector]]) -> Sequence[float]:
        if self._pooling == self._lib.LLAMA_POOLING_TYPE_CLS:
            return parts[0][1]
        if self._pooling == self._lib.LLAMA_POOLING_TYPE_LAST or len(parts) == 1:
            return parts[-1][1]
        return [sum(length * value for (length, _), value in zip(parts, values, strict=True))
                for values in zip(*(vector for _, vector in parts), strict=True)]  # fmt: skip

    def _read(self, chunk: Sequence[int], start: int) -> Vector:
        batch = self._batch
        batch.n_tokens = len(chunk)
        for index, token in enumerate(chunk):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = SEQUENCE
            batch.logits[index] = 1
        code = self._lib.llama_decode(self._context, batch)
        self._engine.steps += 1
        found = self._lib.llama_get_embeddings_seq(self._context, SEQUENCE) if code == 0 else None
        if not found:
            raise ModelError(f"llama.cpp could not make a vector (code {code}).", self._name, "Try again.")
        return array("f", found[: self._size])


def _unit(values: Sequence[float], name: str) -> Vector:
    length = math.sqrt(sum(value * value for value in values))
    if not math.isfinite(length) or length == 0:
        raise ModelError(f"{name} gave a vector without a direction.", name, "Choose another model for that.")
    return array("f", (value / length for value in values))
