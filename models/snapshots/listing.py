"""The files of the folder, unopened: what there is, how old, how large; and how one goes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.snapshots.form import What
from models.snapshots.names import QUARANTINE, what_of

LOOKED_AT_MAX = 2_000
REASON_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """`used_at`: unix seconds when it was last of use; `aside`: it was damaged and is kept for a look only; `reason`:
    in which way, as far as that could be noted."""

    path: Path
    what: What
    bytes: int
    used_at: float
    aside: bool
    reason: str = ""

    @property
    def name(self) -> str:
        return self.path.name


def entries(folder: Path) -> list[Entry]:
    """What can best be spared first: the damaged ones, then the longest unused."""
    found = [*_entries(folder, aside=False), *_entries(folder / QUARANTINE, aside=True)]
    return sorted(found, key=lambda entry: (not entry.aside, entry.used_at))


def remove(path: Path) -> None:
    """With the note on why it was set aside. Some systems do not delete a file that another process reads; emptied, it
    tells nothing either."""
    try:
        if path.parent.name == QUARANTINE:
            note_of(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except PermissionError:
        with path.open("r+b") as file:
            file.truncate(0)


def note_of(path: Path) -> Path:
    """Where it is noted why a file was set aside."""
    return path.with_name(f"why-{path.name}")


def sweep(folder: Path, start: str, older_than: float) -> None:
    """Remove what begins so and was not touched since then (unix seconds)."""
    for path in islice(folder.glob(f"{start}*"), LOOKED_AT_MAX):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < older_than:
                path.unlink()


def _entries(folder: Path, *, aside: bool) -> Iterator[Entry]:
    try:
        with os.scandir(folder) as found:
            listed = list(islice(found, LOOKED_AT_MAX))
    except (FileNotFoundError, NotADirectoryError):
        return
    for item in listed:
        what = what_of(item.name)
        with contextlib.suppress(OSError):  # it has just gone
            if what is not None:
                known = item.stat(follow_symlinks=False)
                path = Path(item.path)
                yield Entry(path, what, known.st_size, known.st_mtime, aside, _reason(path) if aside else "")


def _reason(path: Path) -> str:
    try:
        with note_of(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(REASON_CHARACTERS_MAX)
    except OSError:
        return ""
