"""Renders a model file's own chat template, which is untrusted code: in a sandbox, with bounded size, memory and time.

Time is bounded by the worker's life: a template that does not end takes the process with it, which the host replaces.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.contracts import Message
from models.errors import TemplateError

TEMPLATE_CHARACTERS_MAX = 256 * 1024
RENDERED_CHARACTERS_MAX = 16 * 1024 * 1024
SECONDS_MAX = 2.0
MEMORY_BYTES_MAX = 512 * 1024 * 1024  # that rendering may add, where the system can hold a process to it
PRODUCT_MAX = 1_000_000  # of a multiplication or power: text length or number
FORMAT_CHARACTERS_MAX = 64
IGNORE = "Choose another model; this file's chat template is broken."


class _Generation(Extension):
    """`{% generation %}` marks what training should learn from; a prompt keeps what is inside."""

    tags = {"generation"}  # noqa: RUF012  as jinja2 declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Also keeps "a" * 10**9 and 10**10**10 from being computed, in the template and while it is compiled."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not (_small(left, 1_000) and _small(right, 16)):
            raise OverflowError("power too large")
        if operator == "*" and max(_size(left), 1) * max(_size(right), 1) > PRODUCT_MAX:
            raise OverflowError("product too large")
        return super().call_binop(context, operator, left, right)


def _small(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and abs(value) <= limit


def _size(value: Any) -> float:
    return abs(value) if isinstance(value, int | float) else len(value)


class ChatTemplate:
    """A compiled template. `where`: the model file; `overdue`: ends the process when rendering takes too long."""

    def __init__(self, text: str, where: str, overdue: Callable[[TemplateError], None]) -> None:
        self._where = where
        self._overdue = overdue
        if len(text) > TEMPLATE_CHARACTERS_MAX:
            raise self._bad(f"is {len(text):,} characters long")
        sandbox = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation])
        sandbox.filters["tojson"] = _to_json
        with self._guarded():
            self._template = sandbox.from_string(text)

    def render(self, messages: Sequence[Message], *, bos: str, eos: str, now: float) -> str:
        """The prompt. A template that refuses a system message gets it as part of the first message instead."""
        try:
            return self._render(messages, bos, eos, now)
        except _RefusedError:
            folded = fold_system(messages)
            if folded == messages:
                raise
            return self._render(folded, bos, eos, now)

    def _render(self, messages: Sequence[Message], bos: str, eos: str, now: float) -> str:
        rendered: list[str] = []
        size = 0
        values = {
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "add_generation_prompt": True, "bos_token": bos, "eos_token": eos, "tools": None,
            "raise_exception": self._refuse, "strftime_now": lambda form: _date(form, now),
        }  # fmt: skip
        with self._guarded():
            for piece in self._template.generate(values):
                rendered.append(piece)
                size += len(piece)
                if size > RENDERED_CHARACTERS_MAX:
                    raise self._bad("makes a prompt without end")
        return "".join(rendered)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        error = self._bad(f"did not finish within {SECONDS_MAX:g} seconds")
        timer = threading.Timer(SECONDS_MAX, self._overdue, (error,))
        timer.daemon = True
        timer.start()
        try:
            with _held_memory():
                yield
        except TemplateError:
            raise
        except (JinjaError, ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as failed:
            raise self._bad(f"fails: {str(failed)[:200] or type(failed).__name__}") from failed
        except AttributeError as failed:
            raise self._bad(f"fails: {str(failed)[:200]}") from failed
        finally:
            timer.cancel()

    def _refuse(self, words: Any) -> None:
        raise _RefusedError(f"The model's chat template says: {str(words)[:200]}", self._where, "Reset and ask anew.")

    def _bad(self, words: str) -> TemplateError:
        return TemplateError(f"The model's chat template {words}.", self._where, IGNORE)


class _RefusedError(TemplateError):
    """The template called raise_exception."""


def fold_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The same words without a system message: it goes in front of the first other one."""
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not system or not rest:
        return tuple(messages)
    return (Message(rest[0].role, f"{system}\n\n{rest[0].text}"), *rest[1:])


def _to_json(value: Any, indent: int | None = None, **_others: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=min(indent, 8) if indent else None)


def _date(form: str, now: float) -> str:
    if len(form) > FORMAT_CHARACTERS_MAX or any(character.isdigit() for character in form):
        raise ValueError("not a date format")
    return datetime.fromtimestamp(now, tz=UTC).astimezone().strftime(form)


@contextmanager
def _held_memory() -> Iterator[None]:
    """Linux can refuse memory to its own process; elsewhere the other bounds must do."""
    status = Path("/proc/self/statm")
    if not status.exists():
        yield
        return
    import resource

    used = int(status.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + MEMORY_BYTES_MAX
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
