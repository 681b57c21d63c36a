"""The model that ships with Carryon: weights, card, and the code that asks it and understands its answer."""

from models.records import Decision, PointedCall
from models.starter.meaning import InvalidAnswerError
from models.starter.pointing import ANSWER_TOKENS_MAX, PROMPT_TOKENS_MAX, Pointing
from models.starter.situation import Situation
from models.starter.vocabulary import SPECIAL_TOKENS, TOOLS

__all__ = [
    "ANSWER_TOKENS_MAX", "PROMPT_TOKENS_MAX", "SPECIAL_TOKENS", "TOOLS",
    "Decision", "InvalidAnswerError", "PointedCall", "Pointing", "Situation",
]  # fmt: skip
