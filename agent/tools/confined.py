"""Files within the folders that the user allowed, and no other.

A path is resolved to where it really leads (symlinks, ..) before it is compared, opened without following a link that
was put there meanwhile, and only plain files are read: no devices, pipes or /proc.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from agent.tools.errors import NoFileError, ToolRefusedError

_TODO = 'Allow a folder in your settings: [files] allowed = ["~/Documents"]'


def allowed_folders(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Where they really are; those that do not exist are left out."""
    real: list[Path] = []
    for folder in folders:
        with suppress(OSError, RuntimeError):  # not there, or a loop of links: nothing in it can be read either
            found = folder.expanduser().resolve(strict=True)
            if found.is_dir():
                real.append(found)
    return tuple(dict.fromkeys(real))


def find_allowed(said: str, folders: Iterable[Path]) -> Path:
    """The real path behind what the user wrote. Raises ToolRefusedError; never says what lies outside."""
    roots = allowed_folders(folders)
    if not roots:
        raise ToolRefusedError("There is no folder that Carryon may read.", said, _TODO)
    candidates = _candidates(said, roots)
    for candidate in candidates:
        with suppress(OSError, RuntimeError):  # not there under this folder: try the next
            real = candidate.resolve(strict=True)
            if any(real.is_relative_to(root) for root in roots):
                return real
    inside = any(_lies_within(candidate, roots) for candidate in candidates)
    if inside:
        raise NoFileError(f"There is no file {said!r} in the folders you allowed.", said, "Look at the name.")
    raise ToolRefusedError(f"{said!r} is outside the folders that Carryon may read.", said, _TODO)


def _candidates(said: str, roots: tuple[Path, ...]) -> list[Path]:
    """An absolute path as it is, ~ as the user's own home, anything else under each allowed folder."""
    text = said.strip().strip("\"'")
    if text.startswith(("\\\\", "//")):
        raise ToolRefusedError(f"{said!r} is on another machine; Carryon reads local files only.", said, _TODO)
    if text.startswith("~"):
        if text != "~" and not text.startswith(("~/", "~\\")):
            raise ToolRefusedError(f"{said!r} is in the home of another user.", said, _TODO)
        return [Path.home() / text[2:]]
    path = Path(text)
    return [path] if path.is_absolute() else [root / path for root in roots]


def _lies_within(path: Path, roots: tuple[Path, ...]) -> bool:
    """By its parents as they really are, for a file that does not exist."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        return False
    return any(real.is_relative_to(root) for root in roots)


def read_start(path: Path, most: int) -> tuple[bytes, int]:
    """The first `most` bytes of a plain file and its size. `path` is real; what became a link meanwhile is refused."""
    descriptor = _opened(path)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise ToolRefusedError(f"{path.name!r} is not a plain file.", str(path), "Name a document.")
        return file.read(most), facts.st_size


def _opened(path: Path) -> int:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # before opening: opening a device can already do something
            raise ToolRefusedError(f"{path.name!r} is not a plain file.", str(path), "Name a document.")
        descriptor = os.open(path, flags)
    except OSError as error:
        raise ToolRefusedError(
            f"{path.name!r} cannot be read: {error.strerror or error}.", str(path), "Look at its permissions."
        ) from error
    if Path(os.path.realpath(path)) != path:
        os.close(descriptor)
        raise ToolRefusedError(f"{path.name!r} was moved while it was being opened.", str(path), "Try again.")
    return descriptor
