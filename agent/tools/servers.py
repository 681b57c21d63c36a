"""Tools that another program brings. Its tools are known by its declaration; it is started at the first call of one.

How a program is spoken to is not known here: `connect` starts it and returns the line to it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from agent.spans import span
from agent.tools.results import Result
from agent.tools.spec import ToolSpec

SERVERS_MAX = 50
MODULE = "server:"  # what stands in `ToolSpec.module` of a server's tool, with the server's name after it


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A program that brings tools. `command`: how it is started; `tools`: what it said it has when last asked."""

    name: str
    command: tuple[str, ...]
    tools: tuple[ToolSpec, ...] = ()


class Line(Protocol):
    """To one running server."""

    def call(self, tool: str, args: Mapping[str, str]) -> Result: ...

    def close(self) -> None: ...


Connect = Callable[[ServerSpec], Line]


class Servers:
    """Those that run; a second call of one goes over the same line."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._lines: dict[str, Line] = {}

    def call(self, server: ServerSpec, tool: str, args: Mapping[str, str]) -> Result:
        return self._line(server).call(tool, args)

    def running(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def close(self) -> None:
        with self._lock:
            while self._lines:
                self._lines.popitem()[1].close()

    def _line(self, server: ServerSpec) -> Line:
        with self._lock:
            if server.name not in self._lines:
                with span(f"server {server.name}"):
                    self._lines[server.name] = self._connect(server)
            return self._lines[server.name]
