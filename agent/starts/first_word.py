"""Asks the model that would answer for its first word: nothing is stored, nothing is done."""

from collections.abc import Callable, Mapping

from models.contracts import ChatRequest, DecideRequest, Message, ModelPort
from models.errors import ModelError

STARTER = "starter"
TRIAL = "what can you do?"


def asker(models: Mapping[str, ModelPort], chosen: str, instructions: str) -> Callable[[], None]:
    """Of the chosen model if it talks, under its instructions; else of the starter."""
    model = models.get(chosen) or models.get(STARTER)

    def ask() -> None:
        if model is None:
            return
        try:
            if model.info().kind == "starter":
                model.decide(DecideRequest(TRIAL))
            else:
                words = (Message("system", instructions), Message("user", TRIAL))
                for _piece in model.chat(ChatRequest(words, max_tokens=1, temperature=0.0)):
                    pass
        except ModelError:
            return  # the start is kept without it

    return ask
