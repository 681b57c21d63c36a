"""Renders a model file's own chat template: messages and tools in the form that template authors know, text out.

A template that does not end is stopped. Should it have found a way to keep one step busy, it takes the process with it,
which the host replaces.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jinja2 import TemplateError as JinjaError

from models.dialects.conversation import Shown
from models.dialects.sandbox import LateError, Sandbox, date, held_memory, lists_in, to_json
from models.errors import TemplateError

TEMPLATE_CHARACTERS_MAX = 256 * 1024
RENDERED_CHARACTERS_MAX = 16 * 1024 * 1024
SECONDS_MAX = 2.0  # of work
LAST_SECONDS = 60.0  # on the clock, which a busy machine makes run faster; then the process ends
IGNORE = "Choose another model; this file's chat template is broken."
TODAY = "%d %B %Y"


class ChatTemplate:
    """A compiled template. `where`: the model file; `overdue`: ends the process when rendering cannot be stopped."""

    def __init__(self, text: str, where: str, overdue: Callable[[TemplateError], None]) -> None:
        self.text = text
        self._where = where
        self._overdue = overdue
        if len(text) > TEMPLATE_CHARACTERS_MAX:
            raise self._bad(f"is {len(text):,} characters long")
        self._sandbox = Sandbox()
        with self._guarded(SECONDS_MAX):
            self._template = self._sandbox.from_string(text)

    def render(
        self, messages: Sequence[Shown], *, bos: str, eos: str, now: float, tools: Sequence[Shown] = (),
        answer: bool = True, seconds: float = SECONDS_MAX,
    ) -> str:  # fmt: skip
        """The prompt; with `answer` the beginning of the model's own message comes last. `seconds`: that it may take.

        A template that refuses a system message gets it as part of the first message instead; one that fails on a
        tool whose schema leaves out what it looks for gets the schema with that filled in.
        """

        def once(messages: Sequence[Shown], tools: Sequence[Shown]) -> str:
            return self._render(messages, tools, bos=bos, eos=eos, now=now, answer=answer, seconds=seconds)

        try:
            return once(messages, tools)
        except _RefusedError:
            folded = fold_system(messages)
            if folded == list(messages):
                raise
            return once(folded, tools)
        except TemplateError:
            if not tools:
                raise
            return once(messages, [dressed(tool) for tool in tools])

    def _render(
        self, messages: Sequence[Shown], tools: Sequence[Shown], *, bos: str, eos: str, now: float, answer: bool,
        seconds: float,
    ) -> str:  # fmt: skip
        given = {"messages": list(messages), "tools": list(tools) or None}
        values = {
            **given, "add_generation_prompt": answer, "bos_token": bos, "eos_token": eos,
            "functions": to_json([tool["function"] for tool in tools], indent=4) if tools else "",
            "raise_exception": self._refuse, "strftime_now": lambda form: date(form, now), "datetime": date(TODAY, now),
        }  # fmt: skip
        self._sandbox.given = lists_in(given)
        rendered: list[str] = []
        size = 0
        with self._guarded(seconds):
            for piece in self._template.generate(values):
                rendered.append(piece)
                size += len(piece)
                if size > RENDERED_CHARACTERS_MAX:
                    raise self._bad("makes a prompt without end")
        return "".join(rendered)

    @contextmanager
    def _guarded(self, seconds: float) -> Iterator[None]:
        self._sandbox.until = time.thread_time() + seconds
        timer = threading.Timer(LAST_SECONDS, self._overdue, (self._late(LAST_SECONDS),))
        timer.daemon = True
        timer.start()
        try:
            with held_memory():
                yield
        except TemplateError:
            raise
        except LateError:
            raise self._late(seconds) from None
        except (JinjaError, ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as failed:
            raise self._bad(f"fails: {str(failed)[:200] or type(failed).__name__}") from failed
        except AttributeError as failed:
            raise self._bad(f"fails: {str(failed)[:200]}") from failed
        finally:
            timer.cancel()

    def _refuse(self, words: Any) -> None:
        raise _RefusedError(f"The model's chat template says: {str(words)[:200]}", self._where, "Reset and ask anew.")

    def _late(self, seconds: float) -> TemplateError:
        return self._bad(f"did not finish within {seconds:g} seconds")

    def _bad(self, words: str) -> TemplateError:
        return TemplateError(f"The model's chat template {words}.", self._where, IGNORE)


class _RefusedError(TemplateError):
    """The template called raise_exception."""


def fold_system(messages: Sequence[Shown]) -> list[Shown]:
    """The same words without a system message: it goes in front of the first other one."""
    system = "\n\n".join(str(message["content"]) for message in messages if message["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not system or not rest:
        return list(messages)
    return [{**rest[0], "content": f"{system}\n\n{rest[0]['content'] or ''}"}, *rest[1:]]


def dressed(tool: Shown) -> Shown:
    """The tool with every part of its schema saying what templates like to look at."""
    function = dict(tool["function"])
    function["description"] = function.get("description") or ""
    function["parameters"] = {**_dressed(function.get("parameters") or {}), "type": "object"}
    return {**tool, "function": function}


def _dressed(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    full: dict[str, Any] = {"type": "string", "description": "", **schema}
    if full["type"] == "object" or "properties" in full:
        properties = {name: _dressed(part) for name, part in dict(full.get("properties") or {}).items()}
        full = {"required": [], "additionalProperties": True, **full, "properties": properties}
    if "items" in full:
        full["items"] = _dressed(full["items"])
    return full
