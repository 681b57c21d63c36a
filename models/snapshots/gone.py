"""What was purged stays purged, also where a worker was just about to write it.

A purge leaves a mark, a small file with a random word, before it deletes. Whoever writes a state looks at the marks
before it begins and again when the file is in place: a mark that has changed meanwhile means that the file must go.
Only words are compared, no clocks.
"""

from __future__ import annotations

import os
from pathlib import Path

PREFIX = "gone-"
ALL = "all"  # the mark of a purge of everything
WORD_CHARACTERS_MAX = 64


def mark(folder: Path, digest: str) -> None:
    """Written whole by a rename: nobody reads half a word."""
    fresh = folder / f".{PREFIX}{os.urandom(8).hex()}"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(16).hex())
        fresh.replace(folder / f"{PREFIX}{digest}")
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def marks(folder: Path, digest: str) -> tuple[str, str]:
    """The words that now stand for this conversation and for everything."""
    return _word(folder / f"{PREFIX}{digest}"), _word(folder / f"{PREFIX}{ALL}")


def _word(path: Path) -> str:
    try:
        with path.open() as file:
            return file.read(WORD_CHARACTERS_MAX)
    except (OSError, ValueError):
        return ""
