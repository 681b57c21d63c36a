"""Goes through folders for .gguf files: bounded in depth, entries and time, and never in circles.

A folder is entered once, by whatever link; a link to a folder around the one that is searched is not followed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

DEPTH_MAX = 10
ENTRIES_MAX = 100_000
FILES_MAX = 2_000
SECONDS_MAX = 20.0
SKIPPED = frozenset((".git", "node_modules", "__pycache__", ".venv"))


@dataclass(slots=True)
class Budget:
    """What one search may use up, over all its places. `ended`: what ran out, in words."""

    depth_max: int = DEPTH_MAX
    entries: int = ENTRIES_MAX
    files: int = FILES_MAX
    seconds: float = SECONDS_MAX
    clock: Callable[[], float] = time.monotonic
    ended: str = ""
    _until: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._until = self.clock() + self.seconds

    def take(self, *, file: bool = False) -> bool:
        """Whether one more entry, or one more file, may be looked at."""
        self.entries -= 1
        self.files -= file
        if self.entries < 0:
            self.ended = "there are more files and folders than are looked at in one search"
        elif self.files < 0:
            self.ended = "there are more model files than are looked at in one search"
        elif self.clock() > self._until:
            self.ended = f"the search was ended after {self.seconds:.0f} seconds"
        return not self.ended


class Walk:
    """One search over several places: what was entered once is not entered again. `unreadable`: folders that the
    system keeps closed."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._entered: set[tuple[int, int]] = set()
        self.unreadable: list[Path] = []

    def gguf_files(self, root: Path) -> Iterator[Path]:
        """By folder and name; links to files are told by the name of the link."""
        around = {_identity(folder) for folder in (root, *root.resolve().parents)}
        yield from self._inside(root, 0, around)

    def _inside(self, folder: Path, depth: int, around: set[tuple[int, int] | None]) -> Iterator[Path]:
        identity = _identity(folder)
        if identity is None or identity in self._entered or depth > self._budget.depth_max:
            return
        if depth and identity in around:
            return
        self._entered.add(identity)
        for entry in self._entries(folder):
            if not self._budget.take():
                return
            path = folder / entry.name
            if _is_folder(entry):
                if entry.name not in SKIPPED:
                    yield from self._inside(path, depth + 1, around)
            elif entry.name.lower().endswith(".gguf"):
                if not self._budget.take(file=True):
                    return
                yield path

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError:
            self.unreadable.append(folder)
            return []


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
