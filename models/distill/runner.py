"""Asks a GGUF with real llama.cpp, one request at a time: the shortest correct driver of `Pointing`."""

from __future__ import annotations

import math
from pathlib import Path

from models.starter.pointing import Decision, Pointing
from models.starter.vocabulary import SPECIAL_TOKENS

CONTEXT = 2048


class Runner:
    """A loaded model. `threads` stays small: the model is."""

    def __init__(self, file: Path, threads: int = 2) -> None:
        from llama_cpp import Llama

        self._model = Llama(
            str(file), n_ctx=CONTEXT, n_batch=CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        self._ids = {token: self._one_id(token) for token in SPECIAL_TOKENS}

    def answer(self, pointing: Pointing) -> tuple[list[str], list[float]]:
        model = self._model
        model.reset()
        model.eval(self.tokens(pointing.prompt()))
        answer: list[str] = []
        probabilities: list[float] = []
        while choices := pointing.allowed(answer):
            token, probability = self._best(choices)
            answer.append(token)
            probabilities.append(probability)
            if pointing.allowed(answer):
                model.eval([self._ids[token]])
        return answer, probabilities

    def decide(self, text: str) -> Decision:
        pointing = Pointing(text)
        return pointing.decision(*self.answer(pointing))

    def tokens(self, prompt: str) -> list[int]:
        return list(self._model.tokenize(prompt.encode(), add_bos=False, special=True))

    def close(self) -> None:
        self._model.close()

    def _best(self, choices: tuple[str, ...]) -> tuple[str, float]:
        if len(choices) == 1:
            return choices[0], 1.0
        import llama_cpp

        logits = llama_cpp.llama_get_logits_ith(self._model.ctx, -1)
        scores = [logits[self._ids[token]] for token in choices]
        top = max(scores)
        return choices[scores.index(top)], 1 / sum(math.exp(score - top) for score in scores)

    def _one_id(self, token: str) -> int:
        ids = self.tokens(token)
        if len(ids) != 1:
            raise ValueError(f"{token} is not one token of this model but {len(ids)}; it is not a starter model")
        return ids[0]
