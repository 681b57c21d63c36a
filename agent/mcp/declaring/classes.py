"""Which of a server's tools may be used: those of which the user said what they are, looking at the declaration that
stands now. All others say why not."""

from dataclasses import dataclass

from agent.mcp.declaring.declared import is_remote
from agent.mcp.declaring.reading import READ
from agent.mcp.digests import declaration_digest
from agent.mcp.records import Classing, ListedTool, ServerEntry
from agent.tools.spec import Connectivity

SEEN_CHARACTERS = 16  # of a digest, as the settings keep it

UNDECLARED = "You have not said yet what it is."
CHANGED = "The server says something else about it than when you looked at it."
CHANGED_SINCE = "It changed since you classed it. To see it as it is now: carryon servers refresh {server}"
NOT_LATER = "It is called deferrable, but what is read is wanted now."
CONTRADICTION = "It is called local, but its server runs elsewhere."


@dataclass(frozen=True, slots=True)
class Standing:
    """One tool of a server. `name`: ours; `why`: it cannot be used, "" when it can."""

    name: str
    tool: ListedTool
    classing: Classing | None
    digest: str
    why: str = ""

    @property
    def usable(self) -> bool:
        return not self.why

    @property
    def changed(self) -> bool:
        return self.why == CHANGED


def standing(
    name: str, tool: ListedTool, said: Classing | None, entry: ServerEntry, *, found_changed: bool = False
) -> Standing:  # fmt: skip
    """`found_changed`: a call of it found another declaration than the one at hand."""
    digest = declaration_digest(tool)
    why = _why(tool, digest, said, entry)
    return Standing(name, tool, said, digest, why or (CHANGED_SINCE.format(server=entry.name) if found_changed else ""))


def _why(tool: ListedTool, digest: str, said: Classing | None, entry: ServerEntry) -> str:
    if said is None:
        return UNDECLARED
    if not digest.startswith(said.digest):
        return CHANGED
    if said.connectivity is Connectivity.LOCAL and is_remote(entry):
        return CONTRADICTION
    if said.connectivity is Connectivity.DEFERRABLE and tool.name == READ:
        return NOT_LATER
    return ""
