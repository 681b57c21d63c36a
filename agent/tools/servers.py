"""Tools that another program brings. Its tools are known by its declaration; it is started at the first call of one.

How a program is spoken to is not known here: `connect` starts it and returns the line to it.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from agent.spans import span
from agent.tools.context import ToolContext
from agent.tools.results import Result
from agent.tools.server_spec import ServerSpec, Theirs
from agent.tools.spec import SERVER, Connectivity, ToolSpec

__all__ = ["MODULE", "SERVERS_MAX", "Connect", "Line", "ServerSpec", "Servers", "Theirs"]

SERVERS_MAX = 50
MODULE = SERVER


class Line(Protocol):
    """To one running server. `tool`: by our name; `args`: JSON values of the declared types."""

    def call(self, tool: str, args: Mapping[str, Any]) -> Result: ...

    def act(self, tool: str, args: Mapping[str, Any], key: str, begin: Callable[[], None]) -> Result:
        """For what does something on this machine. `key`: the same for every repeat; `begin`: called at the last moment
        before it is asked. Raises MayHaveHappenedError where no answer came after that."""
        ...

    def close(self) -> None: ...


Connect = Callable[[ServerSpec], Line]


class Servers:
    """Those that run; a second call of one goes over the same line."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._lines: dict[str, Line] = {}

    def call(self, server: ServerSpec, spec: ToolSpec, args: Mapping[str, str], context: ToolContext) -> Result:
        """Now, or as an intent for the outbox: what may be delivered later never runs here."""
        from agent.tools import server_files

        return server_files.kept(server.name, spec.name, self._called(server, spec, args, context), context)

    def _called(self, server: ServerSpec, spec: ToolSpec, args: Mapping[str, str], context: ToolContext) -> Result:
        from agent.tools import server_calls

        if spec.connectivity is Connectivity.DEFERRABLE:
            return server_calls.deferred_call(server, spec, args, context)
        values = server_calls.typed(spec, args)
        if spec.connectivity is Connectivity.ONLINE:
            return server_calls.asked(server, spec, args, context, lambda: self._line(server).call(spec.name, values))
        if spec.acts_here:
            return self._line(server).act(spec.name, values, context.call_id, context.begin)
        return self._line(server).call(spec.name, values)

    def running(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def hang_up(self, name: str) -> None:
        """Stop that server, if it was started."""
        with self._lock:
            line = self._lines.pop(name, None)
        if line is not None:
            line.close()

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
