"""Asks a template how it writes something: a conversation of words that occur nowhere else is rendered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.dialects.conversation import Shown, call_shown
from models.dialects.dialect import Way
from models.dialects.template import ChatTemplate
from models.errors import TemplateError

SECONDS_MAX = 3.0  # of work, for all questions together
QUESTION_SECONDS_MAX = 0.5
USER, TEXT, THOUGHT, RESULT = "zquser", "zqtext", "zqthought", "zqresult"
NAMES = ("zqfirst", "zqother")
IDS = ("zqcall001", "zqcall002")  # of the one length that every template takes
KEYS = ("zqkeya", "zqkeyb", "zqkeyc")
WORD = "zqvalue"
TRICKY = "zq<b>'a'\n&\"zq"  # a text that shows whether quotes, tags and line ends in it are written otherwise
NUMBERS = (77_101, 77_102)

Arguments = Mapping[str, Any]


class UnclearError(Exception):
    """The template does not show what was asked; the words say what."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The model's own tokens: written before and after everything, and whether a text is one that ends an answer."""

    bos: str = ""
    eos: str = ""
    ends: Callable[[str], bool] = lambda _text: False


class Probe:
    """`tokens`: of the model that the template belongs to."""

    def __init__(self, template: ChatTemplate, tokens: Tokens, now: float) -> None:
        self.template = template
        self.tokens = tokens
        self._now = now
        self._until = time.thread_time() + SECONDS_MAX

    def prompt(self) -> str:
        """What a prompt has behind the user's words: the beginning of an answer."""
        return self._render((), answer=True)

    def answer(self, *messages: Shown) -> str:
        """What stands behind the user's words once these messages were added."""
        return self._render(messages, answer=False)

    def calls(self, way: Way, *arguments: Arguments, content: str | None = None, **others: Any) -> str:
        """The same for one message that calls the sentinel tools; `content` None: the way's own."""
        return self.answer(calling(way, *arguments, content=content, **others))

    def _render(self, messages: Sequence[Shown], *, answer: bool) -> str:
        if time.thread_time() > self._until:
            raise UnclearError(f"looking at it took more than {SECONDS_MAX:g} seconds")
        asked: Shown = {"role": "user", "content": USER}
        try:
            whole = self.template.render(
                (asked, *messages), tools=TOOLS, answer=answer, bos=self.tokens.bos, eos=self.tokens.eos, now=self._now,
                seconds=QUESTION_SECONDS_MAX,
            )  # fmt: skip
        except TemplateError as error:
            raise UnclearError(error.what) from error
        _, found, after = whole.rpartition(USER)
        if not found:
            raise UnclearError("it does not show what the user says")
        return after


def calling(way: Way, *arguments: Arguments, content: str | None = None, **others: Any) -> Shown:
    """An assistant's message; its first call is of the first sentinel tool, and so on."""
    calls = [
        call_shown(call_id, name, held, as_text=way.arguments_as_text)
        for call_id, name, held in zip(IDS, NAMES, arguments, strict=False)
    ]
    return {
        "role": "assistant", "content": way.bare if content is None else content, "tool_calls": calls, **others,
    }  # fmt: skip


def _tool(name: str) -> Shown:
    properties = {key: {"type": "string", "description": "A part."} for key in KEYS}
    parameters = {"type": "object", "properties": properties, "required": [KEYS[0]]}
    return {"type": "function", "function": {"name": name, "description": "A tool.", "parameters": parameters}}


TOOLS = tuple(map(_tool, NAMES))
