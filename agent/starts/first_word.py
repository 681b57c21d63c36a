"""Asks the model that would answer for its first word: nothing is stored, nothing is done."""

from collections.abc import Callable, Mapping

from models.contracts import ChatRequest, DecideRequest, Finished, ModelPort
from models.errors import ContextFullError, ModelError

STARTER = "starter"
TRIAL = "what can you do?"
TRIES_MAX = 4  # beginnings that a chat model is asked with before it is left

Beginning = Callable[[str], ChatRequest | None]  # what a first turn with that model begins with
Counted = Callable[[str, ChatRequest, int], None]  # by model: how many tokens such a request was


def asker(
    models: Mapping[str, ModelPort | None], chosen: str, beginning: Beginning, counted: Counted
) -> Callable[[], float | None]:
    """Of the chosen model if it talks, with what a first turn begins with; else of the starter. What it returns, once
    asked: the milliseconds that went into the beginning. None: there was no first word."""
    name = chosen if models.get(chosen) else STARTER
    model = models.get(name)

    def ask() -> float | None:
        try:
            if model is None:
                return None
            return _decided(model) if model.info().kind == "starter" else _begun(model, name, beginning, counted)
        except ModelError:
            return None  # the start is kept without it

    return ask


def _decided(model: ModelPort) -> float:
    model.decide(DecideRequest(TRIAL))
    return 0.0  # it is given no instructions


def _begun(model: ModelPort, name: str, beginning: Beginning, counted: Counted) -> float | None:
    """One that is too long for the model is counted, and tried with less: as a first turn would."""
    for _ in range(TRIES_MAX):
        if (wanted := beginning(name)) is None:
            return None
        try:
            pieces = list(model.chat(wanted))
        except ContextFullError as error:
            counted(name, wanted, error.used)
            continue
        return next((piece.prefix_ms for piece in pieces if isinstance(piece, Finished)), 0.0)
    return None
