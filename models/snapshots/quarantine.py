"""Where a damaged file goes, so that it is met once and never again. The newest few stay there for a look, each with a
note on why it is there.

A file also lies here while llama.cpp reads it: should that end the process, the next one does not meet it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from models.snapshots.form import DamagedError
from models.snapshots.listing import REASON_CHARACTERS_MAX, entries, note_of, remove
from models.snapshots.names import QUARANTINE

QUARANTINED_MAX = 4
DIED_OF_IT = "the process that loaded it ended over it"


def set_aside(folder: Path, name: str, why: str) -> None:
    aside = folder / QUARANTINE
    aside.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / name).replace(aside / name)
        _note(aside / name, why)
    for entry in [entry for entry in entries(folder) if entry.aside][:-QUARANTINED_MAX]:
        remove(entry.path)


@contextlib.contextmanager
def out_of_reach(folder: Path, name: str) -> Iterator[None]:
    """Set aside meanwhile, and back again, unless what is done raises."""
    set_aside(folder, name, DIED_OF_IT)
    try:
        yield
    except DamagedError as error:
        _note(folder / QUARANTINE / name, str(error))
        raise
    with contextlib.suppress(FileNotFoundError):
        (folder / QUARANTINE / name).replace(folder / name)
    note_of(folder / QUARANTINE / name).unlink(missing_ok=True)


def _note(path: Path, why: str) -> None:
    with contextlib.suppress(OSError):  # a full disk: it is aside all the same
        handle = os.open(note_of(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(why[:REASON_CHARACTERS_MAX])
