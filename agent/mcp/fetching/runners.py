"""Commands that fetch a program each time they start it (uvx, pipx run, npx): what they would fetch and run.

Such a command fails without a network, and may be another program tomorrow. So it is only read here; what it names is
installed once (installing.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from agent.mcp.errors import McpError, ServerMissingError

ALONE = frozenset((
    "-y", "--yes", "-q", "--quiet", "--no-cache", "--isolated", "--refresh", "--offline", "--no-progress",
    "--native-tls",
))  # fmt: skip
PACKAGE = frozenset({"--from", "--spec", "-p", "--package"})
MORE = frozenset({"--with"})
DROPPED = frozenset({"--python", "--pip-args"})  # with a value, and no part of what is installed

_PYTHON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]+\])?((==|~=|>=|<=|!=|<|>|@)[A-Za-z0-9.*+!-]+)?")
_SOURCE = re.compile(r"git\+https://[\w.@:/~+-]+(#[\w.=&/-]+)?|https://[\w.@:/~%+-]+\.(whl|tar\.gz|zip)")
_NODE = re.compile(r"(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*(@[A-Za-z0-9.^~<>=*+-]+)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`package`, `more`: as the installer takes them; `program`: what it starts, "" where the package says so."""

    kind: Literal["python", "node"]
    package: str
    program: str
    rest: tuple[str, ...]
    more: tuple[str, ...] = ()


def wanted(command: Sequence[str]) -> Wanted | None:
    """None: the command names a program that is there already. Raises McpError for one that cannot be read."""
    words = list(command)
    if not words:
        return None
    program = PurePath(words[0].replace("\\", "/")).name.casefold()
    program = re.sub(r"\.(exe|cmd|bat)$", "", program)
    if program == "uvx":
        return _read("python", words, 1)
    if program == "uv" and words[1:3] == ["tool", "run"]:
        return _read("python", words, 3)
    if program == "pipx" and words[1:2] == ["run"]:
        return _read("python", words, 2)
    return _read("node", words, 1) if program == "npx" else None


def _read(kind: Literal["python", "node"], words: list[str], at: int) -> Wanted:
    package, more = "", []
    while at < len(words) and words[at].startswith("-"):
        option, equals, value = words[at].partition("=")
        at += 1
        if option == "--":
            break
        if option in ALONE:
            continue
        if kind == "python" and option == "-p":  # which Python, there
            option = "--python"
        if option not in PACKAGE | MORE | DROPPED:
            raise _unreadable(words, f"{option} is not understood here")
        if not equals:
            value, at = (words[at] if at < len(words) else ""), at + 1
        if option in PACKAGE:
            package = value
        elif option in MORE:
            more.append(value)
    first, rest = (words[at] if at < len(words) else ""), tuple(words[at + 1 :])
    if not first:
        raise _unreadable(words, "it names no program")
    program = PurePath(first).name if package else ""
    named = [_requirement(kind, one, words) for one in (package or first, *more)]
    return Wanted(kind, named[0], program, rest, tuple(named[1:]))


def _requirement(kind: str, text: str, words: list[str]) -> str:
    """As pip or npm takes it; never an option, and nothing that a shell could read as more than a name."""
    if _is_path(text):
        return str(Path(text).expanduser().absolute())
    if kind == "node" and _NODE.fullmatch(text):
        return text
    if kind == "python" and _SOURCE.fullmatch(text):
        return text
    if kind == "python" and _PYTHON.fullmatch(text):
        name, at, version = text.partition("@")
        return name if version == "latest" or not at else f"{name}=={version}"
    raise _unreadable(words, f"{text[:60]!r} names no package")


def _is_path(text: str) -> bool:
    return text.startswith((".", "/", "~")) or re.match(r"[A-Za-z]:[\\/]", text) is not None


def _unreadable(words: list[str], why: str) -> McpError:
    return ServerMissingError(
        f"The command {' '.join(words)[:120]} cannot be installed once for all: {why}.", "~/.agentrc",
        "Install the server yourself and name its program as the command.",
    )  # fmt: skip
