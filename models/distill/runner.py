"""Asks a GGUF with real llama.cpp, one request at a time: the shortest correct driver of `Pointing`."""

from __future__ import annotations

import ctypes
import math
from pathlib import Path

import llama_cpp

from models.starter.pointing import Decision, Pointing
from models.starter.vocabulary import SPECIAL_TOKENS

CONTEXT = 2048


class Runner:
    """A loaded model. `threads` stays small: the model is."""

    def __init__(self, file: Path, threads: int = 2) -> None:
        _quiet()
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        params.use_extra_bufts = False  # repacked AMX buffers fault on some machines, and gain nothing at this size
        self._model = llama_cpp.llama_model_load_from_file(str(file).encode(), params)
        if not self._model:
            raise ValueError(f"{file} is not a GGUF that llama.cpp can load")
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = context.n_batch = context.n_ubatch = CONTEXT
        context.n_threads = context.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(self._model, context)
        self._ids = {token: self._one_id(token) for token in SPECIAL_TOKENS}

    def answer(self, pointing: Pointing) -> tuple[list[str], list[float]]:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        self._read(self.tokens(pointing.prompt()))
        answer: list[str] = []
        probabilities: list[float] = []
        while choices := pointing.allowed(answer):
            token, probability = self._best(choices)
            answer.append(token)
            probabilities.append(probability)
            if pointing.allowed(answer):
                self._read([self._ids[token]])
        return answer, probabilities

    def decide(self, text: str) -> Decision:
        pointing = Pointing(text)
        return pointing.decision(*self.answer(pointing))

    def tokens(self, prompt: str) -> list[int]:
        text = prompt.encode()
        room = (llama_cpp.llama_token * (len(text) + 8))()
        count = llama_cpp.llama_tokenize(self._vocabulary, text, len(text), room, len(room), False, True)
        return list(room[:count])

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def _read(self, tokens: list[int]) -> None:
        kept = (llama_cpp.llama_token * len(tokens))(*tokens)  # the batch only points at it
        batch = llama_cpp.llama_batch_get_one(kept, len(tokens))
        if llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError(f"llama.cpp could not read {len(tokens)} tokens")

    def _best(self, choices: tuple[str, ...]) -> tuple[str, float]:
        if len(choices) == 1:
            return choices[0], 1.0
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        scores = [logits[self._ids[token]] for token in choices]
        top = max(scores)
        return choices[scores.index(top)], 1 / sum(math.exp(score - top) for score in scores)

    def _one_id(self, token: str) -> int:
        ids = self.tokens(token)
        if len(ids) != 1:
            raise ValueError(f"{token} is not one token of this model but {len(ids)}; it is not a starter model")
        return ids[0]


@llama_cpp.llama_log_callback
def _ignore(_level: int, _text: bytes, _data: ctypes.c_void_p) -> None:
    """llama.cpp reports every step of a load on stderr."""


def _quiet() -> None:
    llama_cpp.llama_log_set(_ignore, ctypes.c_void_p(0))
