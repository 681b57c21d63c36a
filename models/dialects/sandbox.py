"""Where a model file's chat template runs, which is untrusted code: nothing outside is reached, little can be computed.

A template may lengthen lists that it made itself, as some do to number their calls; what it was given stays as it is.
Every step of a loop and every call looks at the clock, so that a template without end is stopped like any other error.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import GeneratorType
from typing import Any

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

MEMORY_BYTES_MAX = 512 * 1024 * 1024  # that rendering may add, where the system can hold a process to it
PRODUCT_MAX = 1_000_000  # of a multiplication or power: text length or number
FORMAT_CHARACTERS_MAX = 64
INDENT_MAX = 8
ITEMS_MAX = 100_000  # of a sequence that is made up while it is written as JSON
_LIST_CHANGES = frozenset({"append", "pop"})
_TICKED = "_ticked"  # the filter that every loop runs over


class LateError(Exception):
    """The template has had its time."""


class _Generation(Extension):
    """`{% generation %}` marks what training should learn from; a prompt keeps what is inside."""

    tags = {"generation"}  # noqa: RUF012  as jinja2 declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class Sandbox(ImmutableSandboxedEnvironment):
    """Also keeps "a" * 10**9 and 10**10**10 from being computed, in the template and while it is compiled.

    `given`: ids of the lists that came from outside; only others may change. `until`: when to stop, in seconds of this
    thread's work, so that a busy machine does not count.
    """

    intercepted_binops = frozenset(("*", "**"))

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation])
        self.filters["tojson"] = to_json
        self.filters[_TICKED] = self._ticked
        self.given: frozenset[int] = frozenset()
        self.until = 0.0

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _TICKED, [], [], None, None, lineno=loop.lineno)
        return tree

    def _ticked(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self._tick()
            yield item

    def _tick(self) -> None:
        if time.thread_time() > self.until:
            raise LateError

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  as jinja2 has it
        __self._tick()
        return super().call(__context, __obj, *args, **kwargs)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, list) and attr in _LIST_CHANGES and id(obj) not in self.given:
            return SandboxedEnvironment.is_safe_attribute(self, obj, attr, value)
        return super().is_safe_attribute(obj, attr, value)

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


def lists_in(value: Any) -> frozenset[int]:
    """The ids of every list in a value made of lists and mappings."""
    if isinstance(value, Mapping):
        return frozenset().union(*map(lists_in, value.values()))
    if isinstance(value, list):
        return frozenset({id(value)}).union(*map(lists_in, value))
    return frozenset()


def to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
    **_others: Any,
) -> str:
    """As model authors have it: no HTML escapes, other letters as they are; a made-up sequence becomes a list."""
    return json.dumps(
        value, ensure_ascii=bool(ensure_ascii), indent=min(int(indent), INDENT_MAX) if indent else None,
        separators=separators, sort_keys=bool(sort_keys), default=_as_list,
    )  # fmt: skip


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, GeneratorType):
        return list(islice(value, ITEMS_MAX))
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def date(form: str, now: float) -> str:
    if len(form) > FORMAT_CHARACTERS_MAX or any(character.isdigit() for character in form):
        raise ValueError("not a date format")
    return datetime.fromtimestamp(now, tz=UTC).astimezone().strftime(form)


@contextmanager
def held_memory() -> Iterator[None]:
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
