"""A layer: settings from one place, each with where it was said. The layers in order, the last one wins."""

from dataclasses import dataclass
from pathlib import Path as FilePath

from agent.agentrc.keys import Path

LAYERS = ("built-in", "system", "user", "project", "environment", "session")
FILES = ("system", "user", "project")


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as one layer says it. `where`: file, variable or `--set`; line 0 where there is none."""

    path: Path
    value: object
    where: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Layer:
    """Entries in the order in which they were written: the order of rules for tools counts."""

    name: str
    entries: tuple[Entry, ...] = ()
    where: str = ""
    folder: FilePath | None = None  # of a file layer: where `./` in it starts
