"""What a server's tool is called here: "server.tool" in small letters, so that rules and every model can name it.

`git_status` of the server `git` is `git.status`. Those that would be called alike are all told apart by a digest of
their own names: so a tool that comes later never takes over a name, and with it a rule, that another one had.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping

NAME_CHARACTERS_MAX = 60
DIGEST_CHARACTERS = 6
_FOREIGN = re.compile(r"[^a-z0-9]+")


def names(server: str, tools: Iterable[str]) -> Mapping[str, str]:
    """By their own name, ours. The same tools get the same names, in whatever order they are told."""
    folded = {tool: _folded(server, tool) for tool in sorted(tools)}
    alike = {name for name, count in Counter(folded.values()).items() if count > 1}
    taken = set(folded.values())
    for tool, plain in folded.items():
        if plain in alike:
            folded[tool] = _apart(plain, tool, taken)
            taken.add(folded[tool])
    return {tool: f"{server}.{name}" for tool, name in folded.items()}


def _apart(plain: str, tool: str, taken: Container[str]) -> str:
    digest = hashlib.sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()
    tails = (digest[:length] for length in range(DIGEST_CHARACTERS, len(digest)))
    names = (f"{plain[: NAME_CHARACTERS_MAX - len(tail) - 1]}_{tail}" for tail in tails)
    return next(name for name in names if name not in taken)


def _folded(server: str, tool: str) -> str:
    plain = _FOREIGN.sub("_", tool.casefold()).strip("_")
    prefix = _FOREIGN.sub("_", server) + "_"
    return (plain.removeprefix(prefix) or "tool")[:NAME_CHARACTERS_MAX]
