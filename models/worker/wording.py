"""A model's own way of putting things: its chat template and its dialect, which is found out when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from models.contracts import ChatRequest, Message
from models.dialects.derive import derive
from models.dialects.dialect import Dialect
from models.dialects.probing import Tokens
from models.dialects.template import ChatTemplate
from models.errors import TemplateError
from models.worker.answer import callable_tools
from models.worker.engine import Engine
from models.worker.prompt import PLAIN_STOPS, prompt_tokens


class Wording:
    """`where`: the model file; `overdue`: ends the process when the template takes too long."""

    def __init__(self, engine: Engine, where: str, overdue: Callable[[TemplateError], None]) -> None:
        self._engine = engine
        text = engine.chat_template()
        self._template = ChatTemplate(text, where, overdue) if text is not None else None
        self._dialects: dict[bool, Dialect] = {}

    def dialect(self, request: ChatRequest, now: float) -> Dialect:
        """How calls are written is found out only for a conversation that has to do with any."""
        calling = bool(request.tools) or any(message.calls or message.role == "tool" for message in request.messages)
        if calling not in self._dialects:
            tokens = Tokens(self._engine.bos, self._engine.eos, self._ends)
            self._dialects[calling] = derive(self._template, tokens, now, calls=calling)
        return self._dialects[calling]

    def tokens(self, request: ChatRequest, messages: Sequence[Message], now: float) -> list[int]:
        """These messages, told of the request's tools, as a prompt."""
        tools = tuple(callable_tools(request).values())
        return prompt_tokens(self._engine, self._template, messages, now, tools, self.dialect(request, now))

    def stopped(self, request: ChatRequest) -> ChatRequest:
        """With the stop texts that a model without a template needs."""
        if self._template is not None:
            return request
        return replace(request, stop=(*request.stop, *PLAIN_STOPS))

    def _ends(self, text: str) -> bool:
        tokens = self._engine.tokenize(text, special=True)
        return len(tokens) == 1 and self._engine.ends(tokens[0])
