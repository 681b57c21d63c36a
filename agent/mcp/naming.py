"""What a server's tool is called here: "server.tool" in small letters, so that rules and every model can name it.

`git_status` of the server `git` is `git.status`; two tools that would be called alike are told apart by a number.
"""

import re
from collections.abc import Iterable, Mapping

NAME_CHARACTERS_MAX = 60
_FOREIGN = re.compile(r"[^a-z0-9]+")


def names(server: str, tools: Iterable[str]) -> Mapping[str, str]:
    """By their own name, ours. The same tools get the same names, in whatever order they are told."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for tool in sorted(tools):
        plain = _folded(server, tool)
        number, name = 2, plain
        while name in taken:
            number, name = number + 1, f"{plain[: NAME_CHARACTERS_MAX - 5]}_{number}"
        taken.add(name)
        found[tool] = f"{server}.{name}"
    return found


def _folded(server: str, tool: str) -> str:
    plain = _FOREIGN.sub("_", tool.casefold()).strip("_")
    prefix = _FOREIGN.sub("_", server) + "_"
    return (plain.removeprefix(prefix) or "tool")[:NAME_CHARACTERS_MAX]
