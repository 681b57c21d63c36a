"""How many tokens a text will take, before a model has counted them: a rate that is learned from what it counted.

The next prompt holds the last one and a little more, so the rate of the last one is nearly exact for it.
"""

import json
import math
from collections.abc import Iterable

from models.contracts import ChatRequest, ChatTool
from models.contracts import Message as ChatMessage

RATE = 0.28  # tokens a character, until a model has counted: English prose and JSON
RATE_MIN, RATE_MAX = 0.08, 4.0  # what is outside was not counted of this text
MARGIN = 1.02
LEARNT_FROM_MIN = 200  # characters; less says nothing
AROUND_MESSAGE = 24  # characters that stand for the marks of a template around a message
AROUND_TOOL = 48


class Gauge:
    """Of one model."""

    def __init__(self) -> None:
        self.rate = RATE

    def tokens(self, characters: int) -> int:
        return math.ceil(characters * self.rate * MARGIN)

    def learn(self, characters: int, tokens: int) -> bool:
        """Whether that was a count to rely on."""
        rate = tokens / max(characters, 1)
        sure = characters >= LEARNT_FROM_MIN and RATE_MIN <= rate <= RATE_MAX
        if sure:
            self.rate = rate
        return sure


def weight(messages: Iterable[ChatMessage]) -> int:
    """Characters of messages as a template writes them, about."""
    return sum(
        len(said.text) + AROUND_MESSAGE + sum(AROUND_TOOL + _length(call.arguments) for call in said.calls)
        for said in messages
    )


def weight_of_tools(tools: Iterable[ChatTool]) -> int:
    return sum(AROUND_TOOL + len(tool.name) + len(tool.about) + _length(tool.parameters) for tool in tools)


def weight_of(request: ChatRequest) -> int:
    return weight(request.messages) + weight_of_tools(request.tools)


def _length(values: object) -> int:
    return len(json.dumps(values, ensure_ascii=False, default=dict))
