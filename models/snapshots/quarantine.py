"""Where a damaged file goes, so that it is met once and never again. The newest few stay there for a look.

A file also lies here while llama.cpp reads it: should that end the process, the next one does not meet it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from models.snapshots.listing import entries, remove
from models.snapshots.names import QUARANTINE

QUARANTINED_MAX = 4


def set_aside(folder: Path, name: str) -> None:
    aside = folder / QUARANTINE
    aside.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / name).replace(aside / name)
    for entry in [entry for entry in entries(folder) if entry.aside][:-QUARANTINED_MAX]:
        remove(entry.path)


@contextlib.contextmanager
def out_of_reach(folder: Path, name: str) -> Iterator[None]:
    """Set aside meanwhile, and back again, unless what is done raises."""
    set_aside(folder, name)
    yield
    with contextlib.suppress(FileNotFoundError):
        (folder / QUARANTINE / name).replace(folder / name)
