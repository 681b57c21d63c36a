"""What was found, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.contracts import Kind

State = Literal["ready", "incomplete"]


@dataclass(frozen=True, slots=True)
class Found:
    """A model. `also`: other names and places of the very same file; `said_sha256`: as the program that keeps it
    states it, not checked; `known_as`: its name in Carryon's own list, if it is there already."""

    name: str
    program: str
    path: Path
    size_bytes: int  # all files of it
    architecture: str
    kind: Kind
    license: str
    parts: int = 1
    state: State = "ready"
    note: str = ""
    also: tuple[str, ...] = ()
    said_sha256: str = ""
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is no model to talk to, and why."""

    path: Path
    program: str
    why: str


@dataclass(frozen=True, slots=True)
class Finds:
    """`looked_in`: places that exist; `notes`: what kept the search from being complete."""

    models: tuple[Found, ...]
    left_out: tuple[LeftOut, ...]
    looked_in: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def named(self, name: str) -> Found | None:
        """By its name or its path."""
        return next((one for one in self.models if name in (one.name, str(one.path))), None)
