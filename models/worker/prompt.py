"""A conversation as the tokens that a model wants to see: its own template, or a plain form when it has none.

What a user pasted can never end a message or begin another, and what a tool brought neither: where a text holds that of
a control token, it is set aside while the template runs and cut into tokens on its own, as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.contracts import ChatTool, Message
from models.dialects.conversation import conversation_shown, tool_shown
from models.dialects.dialect import Dialect, Way
from models.dialects.generic import told
from models.dialects.template import ChatTemplate
from models.worker.engine import Engine
from models.worker.sampling import written

_NAMES = {"system": "Instructions", "user": "User", "assistant": "Assistant", "tool": "Result"}
PLAIN_STOPS = ("\nUser:", "\nInstructions:")
MARK = "\ue000"
ROUNDS_MAX = 20  # of looking for control tokens in one text


def plain(messages: Sequence[Message]) -> str:
    """The form for models without a template."""
    return "".join(f"{_NAMES[message.role]}: {message.text}\n\n" for message in messages) + "Assistant:"


def prompt_tokens(
    engine: Engine,
    template: ChatTemplate | None,
    messages: Sequence[Message],
    now: float,
    tools: Sequence[ChatTool] = (),
    dialect: Dialect | None = None,
) -> list[int]:
    """`dialect`: how the template shows calls; without one, or where it does not show them, they stand as text."""
    native = dialect is not None and dialect.native
    if not native:
        messages, tools = told(messages, tools), ()
    way = dialect.way if dialect is not None else Way()
    if native and not way.results:
        messages = [replace(one, role="user") if one.role == "tool" else one for one in messages]
    aside = _Aside(engine, messages, tools)
    messages, tools = aside.messages(messages), aside.tools(tools)
    if template is None:
        text = plain(messages)
    else:
        shown, described = conversation_shown(messages, way), [tool_shown(tool) for tool in tools]
        text = template.render(shown, tools=described, bos=engine.bos, eos=engine.eos, now=now)
    if engine.adds_bos and engine.bos:
        text = text.removeprefix(engine.bos)
    return aside.tokens(text)


class _Aside:
    """Texts of control tokens, put aside by number; a mark stands in their place. It occurs in no text itself."""

    def __init__(self, engine: Engine, messages: Sequence[Message], tools: Sequence[ChatTool]) -> None:
        self._engine = engine
        self._kept: list[str] = []
        self._mark = MARK
        values = [(one.text, *(call.arguments for call in one.calls)) for one in messages]
        everything = "\n".join(_texts_in([values, [(tool.about, tool.parameters) for tool in tools]]))
        self._needed = bool(self._control_in(everything))
        while self._mark in everything:
            self._mark += MARK

    def messages(self, messages: Sequence[Message]) -> Sequence[Message]:
        if not self._needed:
            return messages
        return [
            replace(
                message, text=self._text(message.text),
                calls=tuple(replace(call, arguments=self._value(call.arguments)) for call in message.calls),
            )
            for message in messages
        ]  # fmt: skip

    def tools(self, tools: Sequence[ChatTool]) -> Sequence[ChatTool]:
        if not self._needed:
            return tools
        return [replace(tool, about=self._text(tool.about), parameters=self._value(tool.parameters)) for tool in tools]

    def tokens(self, text: str) -> list[int]:
        parts = re.split(f"{self._mark}(\\d+){self._mark}", text) if self._kept else [text]
        tokens = self._engine.tokenize(parts[0], special=True, begin=True)
        for number, after in zip(parts[1::2], parts[2::2], strict=True):
            tokens += self._engine.tokenize(self._kept[int(number)], special=False)
            tokens += self._engine.tokenize(after, special=True)
        return tokens

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value)
            case Mapping():
                return {self._text(str(key)): self._value(part) for key, part in value.items()}
            case list() | tuple():
                return [self._value(part) for part in value]
        return value

    def _text(self, text: str) -> str:
        for _ in range(ROUNDS_MAX):
            control = self._control_in(text)
            if not control:
                return text
            for found in control:
                text = self._without(text, found)
        return self._set_aside(text)

    def _without(self, text: str, found: str) -> str:
        before, *others = text.split(found)
        return before + "".join(self._set_aside(found) + other for other in others)

    def _set_aside(self, text: str) -> str:
        if text not in self._kept:
            self._kept.append(text)
        return f"{self._mark}{self._kept.index(text)}{self._mark}"

    def _control_in(self, text: str) -> set[str]:
        """The texts in it that would be read as control tokens."""
        special = self._engine.tokenize(text, special=True)
        if special == self._engine.tokenize(text, special=False):
            return set()
        control = (token for token in special if self._engine.lib.llama_vocab_is_control(self._engine.vocab, token))
        found = {written(self._engine, token).decode("utf-8", "replace") for token in control}
        return {one for one in found if one and one in text} or {text}


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in a value made of lists and mappings, names of members too."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from map(str, value)
            yield from _texts_in(list(value.values()))
        case list() | tuple():
            for part in value:
                yield from _texts_in(part)
