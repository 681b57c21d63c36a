"""A program that brings tools, as it is declared: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.tools.spec import ToolSpec


@dataclass(frozen=True, slots=True)
class Theirs:
    """A tool as its server knows it. `digest`: of the declaration that the user looked at."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A program that brings tools. `command`: how it is started; `tools`: what it said it has when last asked;
    `theirs`: by our name, as the server knows them; `identity`: changes with program, address, account."""

    name: str
    command: tuple[str, ...]
    tools: tuple[ToolSpec, ...] = ()
    theirs: Mapping[str, Theirs] = field(default_factory=dict)
    identity: str = ""

    def known_as(self, tool: str) -> Theirs:
        return self.theirs.get(tool) or Theirs(tool.removeprefix(f"{self.name}."), "")
