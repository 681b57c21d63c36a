"""Asks a GGUF in this process, by the worker's own code: what is measured is what ships."""

from __future__ import annotations

from pathlib import Path

from models.contracts import DecideRequest, Decision
from models.starter import PROMPT_TOKENS_MAX, Pointing
from models.starter.fitting import Fitting
from models.worker.decide import Answer, Asking, decide, find_tokens
from models.worker.engine import Engine


class Runner:
    """A loaded starter model."""

    def __init__(self, file: Path, threads: int = 1) -> None:
        self.engine = Engine(file, threads=threads, n_ctx=2 * PROMPT_TOKENS_MAX, careful=True)
        self.engine.open(PROMPT_TOKENS_MAX)
        ids = find_tokens(self.engine)
        if ids is None:
            raise ValueError(f"{file} is not a starter model: its vocabulary lacks tokens of the grammar")
        self._ids = ids

    def answer(self, asked: Pointing | Fitting) -> Answer:
        return Asking(self.engine, self._ids, _stay).answer(asked)

    def decide(self, request: DecideRequest) -> Decision:
        return decide(self.engine, self._ids, request, _stay)


def _stay() -> None:
    """Nobody cancels a measurement."""
