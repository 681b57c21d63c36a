"""Names of tools and calls as a chat model may write them, and back: many dialects know no dots in a name."""

import re
from collections.abc import Iterable

from agent.protocol.records import Call

NAME_CHARACTERS_MAX = 64
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")


class ToolNames:
    """`note.create` is `note_create` to a model. Two tools that would be called alike are told apart by a number."""

    def __init__(self, tools: Iterable[str]) -> None:
        self._written: dict[str, str] = {}
        self._tools: dict[str, str] = {}
        for tool in sorted(tools):  # so that the same tools have the same names, whoever came first
            name = self._free(plain_name(tool))
            self._written[tool] = name
            self._tools[name] = tool

    def written(self, tool: str) -> str:
        """Of a tool that is there no longer, as it would be called."""
        return self._written.get(tool) or plain_name(tool)

    def tool(self, name: str) -> str:
        """The tool that a model means; a name that means none stays as it was written, within a bound."""
        if name in self._written:
            return name
        return self._tools.get(name) or self._tools.get(plain_name(name)) or name[:NAME_CHARACTERS_MAX]

    def _free(self, name: str) -> str:
        number, free = 2, name
        while free in self._tools:
            free = f"{name[: NAME_CHARACTERS_MAX - 4]}_{number}"
            number += 1
        return free


def plain_name(tool: str) -> str:
    """As every dialect takes it."""
    return _FOREIGN.sub("_", tool)[:NAME_CHARACTERS_MAX] or "_"


def reference(call: Call) -> str:
    """Under which the model is told of a stored call: short, and plain letters, which some templates ask for."""
    return call.id.replace("-", "")[:9]
