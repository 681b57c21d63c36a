"""Servers of tools in the settings: how each is reached, and what its tools are by the user's word.

A server is a program (`command`) or an address (`url`). What looks like a secret among its variables and headers is
refused: there a reference stands.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from agent.agentrc.classings import Classed, classed
from agent.agentrc.durations import seconds
from agent.agentrc.references import is_reference
from sync.transports.places import is_loopback

TABLE = "servers"
TIMEOUT_S = 60
COMMAND_WORDS_MAX = 100
# What Carryon's own tools are called: a rule for "note.*" must never cover a stranger's tool.
RESERVED = (
    "action", "calc", "calendar", "call", "clock", "email", "file", "issue", "library", "message", "note", "rc",
    "repository", "server", "task", "timer", "units", "web",
)  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:api[_-]?key|apikey|key|token|secret|passw(?:or)?d|pass|credentials?|authorization|auth|cookie|pat)"
    r"(?:$|[_-])", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """As written. Values of `env` and `headers` may be references; paths may begin with ~; `tools`: by their own names
    at the server."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    roots: tuple[str, ...] = ()
    timeout_s: int = TIMEOUT_S
    enabled: bool = True
    tools: Mapping[str, Classed] = field(default_factory=dict)
    client_id: str = ""
    client_secret: str = ""  # a reference


def server(name: str, plain: Mapping[str, Any]) -> Server:
    """Of a checked, complete entry of the compiled settings."""
    tools = {tool: classed(entry) for tool, entry in plain.get("tools", {}).items()}
    return Server(
        name, tuple(plain.get("command", ())), plain.get("url", ""), MappingProxyType(plain.get("env", {})),
        MappingProxyType(plain.get("headers", {})), plain.get("folder", ""), tuple(plain.get("roots", ())),
        seconds(plain.get("timeout", "")) or TIMEOUT_S, plain.get("enabled", True), MappingProxyType(tools),
        plain.get("client_id", ""), plain.get("client_secret", ""),
    )  # fmt: skip


def expanded(path: str) -> Path:
    """On this machine; the home of a user it does not know stays as written."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def wrong_name(name: str) -> str:
    """Why a server cannot be called that; "" if it can."""
    if name in RESERVED:
        return f"{name} is what Carryon's own tools are called; give the server another name, such as my-{name}."
    if _NAME.fullmatch(name):
        return ""
    return f"a server's name is small letters, digits, - and _, and begins with a letter, not {name[:60]!r}."


def names_secret(name: str) -> bool:
    """Whether a variable or header of this name likely holds a secret."""
    return _SECRET_NAME.search(name) is not None


def wrong_place(path: tuple[str, ...], value: object) -> str:
    """What is wrong with an entry of a server beyond its kind; "" for nothing."""
    if wrong := wrong_name(path[1]):
        return wrong
    if path[2:] == ("url",) and is_reference(str(value)):
        return f"the address itself stands here; a secret goes into [servers.{path[1]}.headers]."
    if path[2:] == ("url",) and _is_open(str(value)):
        return "http:// is for a server on this machine alone; write https:// in front."
    kind = path[2] if len(path) > 3 else ""
    if kind in ("env", "headers") and names_secret(path[3]) and not is_reference(str(value)):
        variable = re.sub(r"[^A-Za-z0-9]+", "_", path[3]).upper()
        return (
            f'{path[3]} looks like a secret: write "keyring:{path[1]}" and store the secret itself with '
            f'`carryon rc secret {path[1]}`, or name a variable: "env:{variable}".'
        )
    return ""


def _is_open(url: str) -> bool:
    """Whether what is said to that address could be read, and changed, on the way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def missing(name: str, there: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What an entry lacks or has too much of: (the part it shows at, words)."""
    first = next(iter(there))
    if "command" not in there and "url" not in there:
        yield first, f'[{TABLE}.{name}] needs command = ["program", "argument"] or url = "https://…".'
    elif "command" in there and "url" in there:
        yield "url", f"[{TABLE}.{name}] has a command and a url; a server is one or the other."
    elif "url" in there and (extra := next((part for part in ("env", "folder") if part in there), "")):
        yield extra, f"[{TABLE}.{name}] is reached by its url, so {extra} does nothing; take it out."
    elif "command" in there and "headers" in there:
        yield "headers", f"[{TABLE}.{name}] is a program, so headers do nothing; take them out, or use env."
    elif "command" in there and (extra := next((part for part in ("client_id", "client_secret") if part in there), "")):
        yield extra, f"[{TABLE}.{name}] is a program, which nobody signs in to, so {extra} does nothing; take it out."
