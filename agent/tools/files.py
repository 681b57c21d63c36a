"""file.read: one file of an allowed folder, as text."""

from collections.abc import Mapping
from pathlib import Path, PurePath

from agent.tools.confined import find_allowed, read_start
from agent.tools.context import ToolContext
from agent.tools.errors import NoFileError, ToolRefusedError
from agent.tools.file_search import named_like
from agent.tools.plaintext import decoded, is_binary
from agent.tools.results import Done, NeedsClarification, Result

BYTES_MAX = 1_000_000  # read at most
TEXT_CHARACTERS_MAX = 20_000  # shown at most


def read(args: Mapping[str, str], context: ToolContext) -> Result:
    """The file of that path; where there is none, or it is not the one that was meant, one of its name elsewhere."""
    try:
        path = find_allowed(args["path"], context.settings.files_allowed)
    except NoFileError:
        close = _named_like(args["path"], context)
        if not close:
            raise
        return NeedsClarification("which_file", {"path": args["path"]}, close)
    if _shown(path) in context.without:
        return NeedsClarification("which_file", {"path": args["path"]}, _named_like(args["path"], context))
    if path.is_dir():
        raise ToolRefusedError(f"{path.name!r} is a folder.", str(path), "Name a file in it, or search: file.find.")
    raw, size = read_start(path, BYTES_MAX)
    facts = {"path": _shown(path), "size_bytes": size, "binary": is_binary(raw)}
    if facts["binary"]:
        return Done({**facts, "text": "", "cut": False, "encoding": ""})
    text, encoding = decoded(raw)
    shown = text[:TEXT_CHARACTERS_MAX]
    return Done({**facts, "text": shown, "cut": len(shown) < len(text) or len(raw) < size, "encoding": encoding})


def _named_like(said: str, context: ToolContext) -> tuple[str, ...]:
    found = named_like(PurePath(said.replace("\\", "/")).name, context.settings.files_allowed)
    return tuple(shown for shown in map(_shown, found) if shown not in context.without)


def _shown(path: Path) -> str:
    """With ~ for the home folder, as people write it."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)
