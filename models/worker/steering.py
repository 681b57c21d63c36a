"""Puts a grammar in force when its time has come: at the start, once thinking is over, or when a call begins."""

from __future__ import annotations

from models.contracts import ChatRequest
from models.dialects.call_grammar import answer_grammar, call_grammar
from models.dialects.dialect import Dialect
from models.dialects.reader import Reader
from models.worker.answer import callable_tools
from models.worker.sampling import Sampler

UNHELD = "The model could not be held to the form that was asked for; what it wrote was only checked."


class Steering:
    """`note`: what the asker should know, if anything."""

    def __init__(self, request: ChatRequest, dialect: Dialect, sampler: Sampler, reader: Reader) -> None:
        self._request = request
        self._dialect = dialect
        self._sampler = sampler
        self._reader = reader
        self._tools = tuple(callable_tools(request).values())
        self._required = request.tool_choice == "required" and bool(self._tools)
        self._whole = request.schema is not None or self._required
        self._sections = 0  # of calls, those that were looked at
        self.note = ""

    def look(self) -> None:
        """To be called before the first token and behind each."""
        if self._sampler.constrained:
            return
        if self._whole and not self._reader.thinking:
            self._whole = False
            self._hold_whole(self._reader.after_thinking)
        elif self._tools and self._reader.sections != self._sections and (begun := self._reader.pending) is not None:
            self._sections = self._reader.sections
            primed = self._dialect.primed if self._reader.primed else ""
            self._sampler.constrain(call_grammar(self._dialect.writing, self._tools, primed), begun)

    def _hold_whole(self, begun: str) -> None:
        grammar = answer_grammar(self._request.schema, self._dialect, self._tools, required=self._required)
        if not self._sampler.constrain(grammar, begun):
            self.note = UNHELD
