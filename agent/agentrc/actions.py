"""A tool of the user's own: one HTTP request, declared as `[actions.NAME]`. What is not declared does not register:
this module says what is lacking, `carryon rc check` and the window show it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from agent.agentrc.durations import seconds
from agent.agentrc.references import is_reference
from agent.agentrc.templates import KEY, json_faults, origin, placeholders, url_faults

TABLE = "actions"
ARGS_MAX = 20
HEADERS_MAX = 20
FRESH_S_MAX = 30 * 86_400
KINDS = ("text", "title", "number", "time", "duration", "path", "url")
TOUCHES = ("network",)
KEY_HEADER = "Idempotency-Key"
NEEDED = ("about", "method", "url", "class", "fresh", "repeat", "touches")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_ARG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}")
_OURS = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "content-type", "upgrade", "te", "trailer", "expect",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActionArgument:
    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """`reach`: deferrable or online; `repeat`: key, query or none; `find`: asked whether {{key}} arrived. Values of
    `headers` may be references to secrets; `secret` is one, sent as a bearer token."""

    name: str
    about: str
    method: str
    url: str
    reach: str
    fresh_s: int
    repeat: str
    touches: tuple[str, ...]
    json: str | None = None
    body: str | None = None
    secret: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[ActionArgument, ...] = ()
    repeat_header: str = KEY_HEADER
    find: str | None = None
    past: str = "refuse"  # what becomes of an answer older than fresh_s where there is no network, or flag

    @property
    def tool(self) -> str:
        return f"action.{self.name}"


def action(name: str, plain: Mapping[str, Any]) -> Action:
    """Of a table without faults."""
    return Action(
        name=name, about=plain["about"], method=plain["method"], url=plain["url"], reach=plain["class"],
        fresh_s=seconds(plain["fresh"]) or 0, repeat=plain["repeat"], touches=tuple(plain["touches"]),
        json=plain.get("json"), body=plain.get("body"), secret=plain.get("secret"),
        headers=MappingProxyType(dict(plain.get("headers", {}))),
        arguments=tuple(sorted((_argument(*one) for one in plain.get("args", {}).items()), key=_optional)),
        repeat_header=plain.get("repeat_header", KEY_HEADER), find=plain.get("find"),
        past=plain.get("past", "refuse"),
    )  # fmt: skip


def faults(name: str, plain: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the table from being a tool, in words that follow "[actions.NAME]: "."""
    if lacking := [key for key in NEEDED if key not in plain]:
        yield f"needs {', '.join(lacking)}"
        return
    if not _NAME.fullmatch(name):
        yield "its name may hold small letters, digits, - and _ only"
    fresh_s = seconds(plain["fresh"])
    if fresh_s is None or fresh_s > FRESH_S_MAX or (fresh_s == 0 and plain["class"] != "online"):
        yield "fresh is a time such as 30m, 12h or 7d, at most 30d"
    if "past" in plain and plain["class"] != "online":
        yield 'past belongs to class = "online": what becomes of an answer that is older than fresh'
    if unknown := [one for one in plain["touches"] if one not in TOUCHES]:
        yield f'touches knows no {unknown[0]!r}; write touches = ["network"]'
    if "network" not in plain["touches"]:
        yield 'it reaches the network, so it needs touches = ["network"]'
    yield from _body_faults(plain)
    yield from url_faults(plain["url"])
    yield from _repeat_faults(plain)
    yield from _header_faults(plain)
    yield from _argument_faults(plain)


def _body_faults(plain: Mapping[str, Any]) -> Iterator[str]:
    if "json" in plain and "body" in plain:
        yield "has json and body; one of them is enough"
    if plain["method"] == "GET" and ("json" in plain or "body" in plain):
        yield "GET sends no body; use another method"
    if plain["class"] == "online" and plain["method"] != "GET":
        yield 'only GET can be class = "online"; what has an effect is deferrable'
    if "json" in plain:
        yield from json_faults(plain["json"])


def _repeat_faults(plain: Mapping[str, Any]) -> Iterator[str]:
    if plain["repeat"] != "query":
        if "find" in plain:
            yield 'find belongs to repeat = "query"'
        return
    if KEY not in placeholders(plain.get("find", "")):
        yield 'repeat = "query" needs find = "https://…" with {{key}} in it'
        return
    yield from (fault.replace("url", "find") for fault in url_faults(plain["find"]))
    if origin(plain["find"]) != origin(plain["url"]):
        yield "find must be at the same host as url, since its secrets go there"
    if KEY not in placeholders(_templates(plain)):
        yield "what is sent must hold {{key}}, else nothing can be found by it"


def _header_faults(plain: Mapping[str, Any]) -> Iterator[str]:
    headers = plain.get("headers", {})
    names = [*headers, plain.get("repeat_header", KEY_HEADER)]
    if len(headers) > HEADERS_MAX:
        yield f"has more than {HEADERS_MAX} headers"
    if bad := next((one for one in names if not _HEADER.fullmatch(one) or one.casefold() in _OURS), None):
        yield f"the header {bad!r} cannot be set"
    if bad := next((one for one, value in headers.items() if not _fits_header(value)), None):
        yield f"the header {bad!r} may hold plain letters only"
    if any(one.casefold() == "authorization" for one in headers) and "secret" in plain:
        yield "has secret and a header Authorization; one of them is enough"


def _fits_header(value: str) -> bool:
    return is_reference(value) or (value.isascii() and value.isprintable())


def _argument_faults(plain: Mapping[str, Any]) -> Iterator[str]:
    args = plain.get("args", {})
    if len(args) > ARGS_MAX:
        yield f"has more than {ARGS_MAX} arguments"
    for name, said in args.items():
        if not _ARG.fullmatch(name) or name == KEY:
            yield f"an argument cannot be called {name!r}"
        kind = _argument(name, said).kind
        if kind not in KINDS:
            yield f"the kind of {name} is one of {', '.join(KINDS)}, not {kind!r}"
    used = placeholders(_templates(plain))
    if unknown := sorted(used - set(args) - {KEY}):
        yield f"{{{{{unknown[0]}}}}} is not among its args"
    if unused := sorted(set(args) - used):
        yield f"its argument {unused[0]} is used nowhere"


def _argument(name: str, said: str) -> ActionArgument:
    kind, _, about = said.partition(":")
    optional = kind.strip().endswith("?")
    return ActionArgument(name, kind.strip().removesuffix("?"), about.strip() or f"{name}.".capitalize(), not optional)


def _optional(argument: ActionArgument) -> bool:
    return not argument.required


def _templates(plain: Mapping[str, Any]) -> str:
    """Everything of it that may hold arguments."""
    return "\n".join([plain["url"], plain.get("json", ""), plain.get("body", ""), *plain.get("headers", {}).values()])
