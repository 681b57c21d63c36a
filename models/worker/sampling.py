"""Chooses the next token; once a grammar is in force, only among those that it allows.

A token is drawn first and the grammar asked about that one; only where it refuses are all tokens asked about. So free
text costs nothing and a call next to nothing. Nothing is handed to the grammar that it has not allowed: llama.cpp ends
the process where that is tried, and with its own way of waiting for an opening a model could bring that about.
"""

from __future__ import annotations

import ctypes
import math
from array import array
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from models.contracts import TOKENS_MAX, ChatRequest
from models.worker.engine import Engine

TOP_K = 40
REPEAT_AS_IT_IS = 1.0
KEEP_MIN = 1
ROOT = b"root"
PIECE_BYTES = 256
RECENT_TOKENS = 1_024  # what may have been written of a call before the grammar begins


class Sampler:
    """Use it in a `with`. It belongs to one answer."""

    def __init__(self, engine: Engine, request: ChatRequest) -> None:
        self._engine = engine
        self._lib = engine.lib
        self._penalises = bool(request.presence_penalty or request.frequency_penalty)
        self._chain = _chain(engine, request)
        self._grammar: Any = None
        self._recent: deque[int] = deque(maxlen=RECENT_TOKENS)
        self._all: Any = None  # room for every token with its score, made when it is first needed
        self._numbers = array("i")

    def __enter__(self) -> Sampler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.free()
        self._lib.llama_sampler_free(self._chain)

    @property
    def constrained(self) -> bool:
        return self._grammar is not None

    def constrain(self, grammar: str, begun: str = "") -> bool:
        """From now on keep to the grammar, of which the text `begun` was written already; whether that can be done."""
        self.free()
        made = self._lib.llama_sampler_init_grammar(self._engine.vocab, grammar.encode(), ROOT) if grammar else None
        if not made:
            return False
        self._grammar = made
        tokens = self._written_as(begun.encode())
        if tokens is None or not all(map(self._take, tokens)):
            self.free()
        return self.constrained

    def _written_as(self, text: bytes) -> Sequence[int] | None:
        """The tokens that the end of the answer was written in; where it begins within one, others for the same."""
        tokens: list[int] = []
        left = len(text)
        for token in reversed(self._recent):
            if left <= 0:
                break
            tokens.insert(0, token)
            left -= len(written(self._engine, token))
        if left == 0:
            return tokens
        tokens = self._engine.tokenize(text.decode(), special=True)
        return tokens if b"".join(written(self._engine, token) for token in tokens) == text else None

    def free(self) -> None:
        """Let the grammar go."""
        if self._grammar is not None:
            self._lib.llama_sampler_free(self._grammar)
        self._grammar = None

    def next(self) -> int:
        token = self._among_all() if self._penalises else self._engine.sample(self._chain)
        if self._grammar is not None and not self._allows(token):
            token = self._among_all()
        if not self._engine.ends(token):
            self._note(token)
        return token

    def follow(self, token: int) -> None:
        """A token was written that was not chosen here; a grammar that does not allow it is let go."""
        if self._grammar is not None and not self._allows(token):
            self.free()
        self._note(token)

    def _note(self, token: int) -> None:
        self._recent.append(token)
        if self._penalises:  # only what is in the answer counts, not what was proposed and refused
            self._lib.llama_sampler_accept(self._chain, token)
        if self._grammar is not None:
            self._lib.llama_sampler_accept(self._grammar, token)

    def _take(self, token: int) -> bool:
        if not self._allows(token):
            return False
        self._lib.llama_sampler_accept(self._grammar, token)
        return True

    def _allows(self, token: int) -> bool:
        one = (self._lib.llama_token_data * 1)(self._lib.llama_token_data(token, 1.0, 0.0))
        asked = self._lib.llama_token_data_array(one, 1, -1, False)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(asked))
        return math.isfinite(one[0].logit)

    def _among_all(self) -> int:
        """The choice among what the grammar in force allows; where it allows nothing, it is let go."""
        lib = self._lib
        data = self._candidates()
        asked = lib.llama_token_data_array(data, len(data), -1, False)
        constrained = self.constrained
        if constrained:
            lib.llama_sampler_apply(self._grammar, ctypes.byref(asked))
        lib.llama_sampler_apply(self._chain, ctypes.byref(asked))
        if 0 <= asked.selected < asked.size and math.isfinite(asked.data[asked.selected].logit):
            return int(asked.data[asked.selected].id)
        self.free()
        return self._among_all() if constrained and self._penalises else self._engine.sample(self._chain)

    def _candidates(self) -> Any:
        """Every token with its score, as llama.cpp wants them: number, score, probability, four bytes each."""
        if self._all is None:
            count = self._lib.llama_vocab_n_tokens(self._engine.vocab)
            self._all = (self._lib.llama_token_data * count)()
            self._numbers = array("i", range(count))
        cells = memoryview(self._all).cast("B")
        scores = ctypes.cast(self._engine.logits(), ctypes.POINTER(ctypes.c_float * len(self._numbers))).contents
        cells.cast("i")[0::3] = memoryview(self._numbers)
        cells.cast("f")[1::3] = memoryview(scores).cast("B").cast("f")
        return self._all


def written(engine: Engine, token: int) -> bytes:
    """The bytes of a token, those of a control token too."""
    buffer = ctypes.create_string_buffer(PIECE_BYTES)
    count = engine.lib.llama_token_to_piece(engine.vocab, token, buffer, PIECE_BYTES, 0, True)
    if count < 0:
        buffer = ctypes.create_string_buffer(-count)
        count = engine.lib.llama_token_to_piece(engine.vocab, token, buffer, -count, 0, True)
    return buffer.raw[: max(count, 0)]


def _chain(engine: Engine, request: ChatRequest) -> Any:
    lib = engine.lib
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    steps = []
    if request.presence_penalty or request.frequency_penalty:
        words = lib.llama_vocab_n_tokens(engine.vocab)
        weights = (REPEAT_AS_IT_IS, request.frequency_penalty, request.presence_penalty)
        steps.append(lib.llama_sampler_init_penalties(words, TOKENS_MAX, *weights))
    if request.temperature <= 0:
        steps.append(lib.llama_sampler_init_greedy())
    else:
        steps += [
            lib.llama_sampler_init_top_k(TOP_K),
            lib.llama_sampler_init_top_p(request.top_p, KEEP_MIN),
            lib.llama_sampler_init_min_p(request.min_p, KEEP_MIN),
            lib.llama_sampler_init_temp(request.temperature),
            lib.llama_sampler_init_dist(request.seed & 0xFFFFFFFF),
        ]
    for step in steps:
        lib.llama_sampler_chain_add(chain, step)
    return chain
