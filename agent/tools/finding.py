"""file.find: by name, then by what is in it, within the allowed folders. Bounded in files, bytes and time; a search
that stopped early says so.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from agent.tools.confined import allowed_folders, read_start
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.file_search import SECONDS_MAX, Search, files_below
from agent.tools.plaintext import decoded, is_binary
from agent.tools.results import Done, Result

FILE_BYTES_MAX = 1_000_000  # of a file whose content is searched


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


def _by_name(search: Search, roots: tuple[Path, ...]) -> list[Path]:
    """Keeps what matches by name; returns the others for a look inside."""
    others: list[Path] = []
    for root in roots:
        for path in files_below(search, root):
            name = _plain(path.name)
            if all(word in name for word in search.words):
                search.found[path] = {"path": str(path), "why": "name", "line": None}
            else:
                others.append(path)
    return others


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
