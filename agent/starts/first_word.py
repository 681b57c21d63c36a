"""Asks the model that would answer for its first word: nothing is stored, nothing is done."""

from collections.abc import Callable, Mapping

from models.contracts import ChatRequest, DecideRequest, Finished, Message, ModelPort
from models.errors import ModelError

STARTER = "starter"
TRIAL = "what can you do?"


def asker(models: Mapping[str, ModelPort], chosen: str, instructions: str) -> Callable[[], float]:
    """Of the chosen model if it talks, under its instructions; else of the starter. What it returns, once asked: the
    milliseconds that went into the instructions."""
    model = models.get(chosen) or models.get(STARTER)

    def ask() -> float:
        try:
            return _first_word(model, instructions) if model is not None else 0.0
        except ModelError:
            return 0.0  # the start is kept without it

    return ask


def _first_word(model: ModelPort, instructions: str) -> float:
    if model.info().kind == "starter":
        model.decide(DecideRequest(TRIAL))
        return 0.0  # it is given none
    words = (Message("system", instructions), Message("user", TRIAL))
    pieces = list(model.chat(ChatRequest(words, max_tokens=1, temperature=0.0)))
    return next((piece.prefix_ms for piece in pieces if isinstance(piece, Finished)), 0.0)
