"""Goes through allowed folders for files, bounded in entries, bytes and time. No tool itself: file.find searches with
it, and file.read looks for a name that comes close.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.tools.confined import allowed_folders

FOUND_MAX = 30
CHOICES_MAX = 5
ENTRIES_MAX = 100_000
DEPTH_MAX = 20
CONTENT_BYTES_MAX = 64_000_000  # of all files whose content is searched
SECONDS_MAX = 4.0
_SKIPPED = frozenset({"node_modules", "__pycache__", "$RECYCLE.BIN", "System Volume Information"})


@dataclass(slots=True)
class Search:
    words: tuple[str, ...]
    until: float  # by time.monotonic
    without: frozenset[str] = frozenset()  # paths that were shown before
    entries: int = 0
    bytes_read: int = 0
    complete: bool = True
    found: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def over(self) -> bool:
        """Whether a bound is reached; then the answer is not complete."""
        beyond = self.entries > ENTRIES_MAX or self.bytes_read > CONTENT_BYTES_MAX
        if beyond or time.monotonic() > self.until or len(self.found) >= FOUND_MAX:
            self.complete = False
        return not self.complete


def named_like(name: str, folders: Iterable[Path]) -> tuple[Path, ...]:
    """Files whose name is the same or comes close, within the bounds of a search."""
    search = Search((), time.monotonic() + SECONDS_MAX)
    paths = [path for root in allowed_folders(folders) for path in files_below(search, root)]
    names = get_close_matches(name.casefold(), {path.name.casefold() for path in paths}, n=CHOICES_MAX, cutoff=0.75)
    return tuple(path for close in names for path in paths if path.name.casefold() == close)[:CHOICES_MAX]


def files_below(search: Search, folder: Path, depth: int = 0) -> Iterator[Path]:
    """Plain files below a folder; links are not followed, hidden and machine-made folders are left out."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # no permission, or gone meanwhile: the rest can still be searched
        return
    for entry in entries:
        search.entries += 1
        if search.over():
            return
        if entry.is_file(follow_symlinks=False):
            if entry.path not in search.without:
                yield Path(entry.path)
        elif depth < DEPTH_MAX and entry.is_dir(follow_symlinks=False) and not _left_out(entry.name):
            yield from files_below(search, Path(entry.path), depth + 1)


def _left_out(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED
