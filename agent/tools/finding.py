"""file.find: by name, then by what is in it, within the allowed folders. Bounded in files, bytes and time; a search
that stopped early says so.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.tools.confined import allowed_folders, read_start
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.plaintext import decoded, is_binary
from agent.tools.results import Done, Result

FOUND_MAX = 30
CHOICES_MAX = 5
ENTRIES_MAX = 100_000
DEPTH_MAX = 20
FILE_BYTES_MAX = 1_000_000  # of a file whose content is searched
CONTENT_BYTES_MAX = 64_000_000  # of all of them
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


def find(args: Mapping[str, str], context: ToolContext) -> Result:
    words = tuple(_plain(args["query"]).split())
    roots = allowed_folders(context.settings.files_allowed)
    if not roots:
        raise ToolRefusedError(
            "There is no folder that Carryon may search.", "files", 'Set [files] allowed = ["~/Documents"].'
        )
    search = Search(words, time.monotonic() + SECONDS_MAX, frozenset(context.without))
    if words:
        texts = _by_name(search, roots)
        _by_content(search, texts)
    found = list(search.found.values())
    return Done({"query": args["query"], "count": len(found), "found": found, "complete": search.complete})


def named_like(name: str, folders: Iterable[Path]) -> tuple[Path, ...]:
    """Files whose name is the same or comes close, within the bounds of a search."""
    search = Search((), time.monotonic() + SECONDS_MAX)
    paths = [path for root in allowed_folders(folders) for path in _files(search, root, 0)]
    names = get_close_matches(name.casefold(), {path.name.casefold() for path in paths}, n=CHOICES_MAX, cutoff=0.75)
    return tuple(path for close in names for path in paths if path.name.casefold() == close)[:CHOICES_MAX]


def _by_name(search: Search, roots: tuple[Path, ...]) -> list[Path]:
    """Keeps what matches by name; returns the others for a look inside."""
    others: list[Path] = []
    for root in roots:
        for path in _files(search, root, 0):
            name = _plain(path.name)
            if all(word in name for word in search.words):
                search.found[path] = {"path": str(path), "why": "name", "line": None}
            else:
                others.append(path)
    return others


def _files(search: Search, folder: Path, depth: int) -> Iterator[Path]:
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
            yield from _files(search, Path(entry.path), depth + 1)


def _left_out(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED


def _by_content(search: Search, paths: list[Path]) -> None:
    for path in paths:
        if search.over():
            return
        line = _line_in(search, path)
        if line:
            search.found[path] = {"path": str(path), "why": "content", "line": line}


def _line_in(search: Search, path: Path) -> int:
    """Number of the first line that holds all words, or of the first that holds one if the file holds all; else 0."""
    try:
        raw, _ = read_start(path, FILE_BYTES_MAX)
    except ToolRefusedError:  # not readable: it cannot match
        return 0
    search.bytes_read += len(raw)
    if is_binary(raw):
        return 0
    lines = [line.casefold() for line in decoded(raw)[0].splitlines()]
    whole = next((number for number, line in enumerate(lines, 1) if all(word in line for word in search.words)), 0)
    everywhere = whole or not all(any(word in line for line in lines) for word in search.words)
    return whole if everywhere else next(number for number, line in enumerate(lines, 1) if search.words[0] in line)


def _plain(text: str) -> str:
    """Small letters; what stands between the words of a file's name is a blank."""
    return "".join(char if char.isalnum() else " " for char in text.casefold())
