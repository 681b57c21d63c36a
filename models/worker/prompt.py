"""A conversation as the tokens that a model wants to see: its own template, or a plain form when it has none.

What a user pasted can never end a message or begin another: where a message holds the text of a control token, that
message is cut into tokens on its own, as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.contracts import Message
from models.worker.engine import Engine
from models.worker.template import ChatTemplate

_NAMES = {"system": "Instructions", "user": "User", "assistant": "Assistant"}
PLAIN_STOPS = ("\nUser:", "\nInstructions:")


def plain(messages: Sequence[Message]) -> str:
    """The form for models without a template."""
    return "".join(f"{_NAMES[message.role]}: {message.text}\n\n" for message in messages) + "Assistant:"


def prompt_tokens(engine: Engine, template: ChatTemplate | None, messages: Sequence[Message], now: float) -> list[int]:
    shown, kept, mark = _set_aside(engine, messages)
    text = plain(shown) if template is None else template.render(shown, bos=engine.bos, eos=engine.eos, now=now)
    if engine.adds_bos and engine.bos:
        text = text.removeprefix(engine.bos)
    parts = re.split(f"{mark}(\\d+){mark}", text) if kept else [text]
    tokens = engine.tokenize(parts[0], special=True, begin=True)
    for number, after in zip(parts[1::2], parts[2::2], strict=True):
        tokens += engine.tokenize(kept[int(number)], special=False) + engine.tokenize(after, special=True)
    return tokens


def _set_aside(engine: Engine, messages: Sequence[Message]) -> tuple[list[Message], dict[int, str], str]:
    """The messages with a mark in place of each text that holds a control token, and those texts by number."""
    mark = "\ue000"
    while any(mark in message.text for message in messages):
        mark += "\ue000"
    shown, kept = list(messages), {}
    for number, message in enumerate(messages):
        text = message.text
        if engine.tokenize(text, special=True) != engine.tokenize(text, special=False):
            shown[number] = replace(message, text=f"{mark}{number}{mark}")
            kept[number] = text
    return shown, kept, mark
