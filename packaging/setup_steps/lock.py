"""One set-up at a time: two commands started together must not fill one .venv or build one wheel twice.

The lock belongs to the open file, so it vanishes with the process, also when that is killed.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from setup_steps.talk import Talk

ASK_AGAIN_S = 0.2

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def try_lock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def only_one(path: Path, talk: Talk) -> Iterator[None]:
    """Holds the lock file `path`; says so and waits when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        progress = None
        while True:
            try:
                try_lock(file)
                break
            except OSError:
                progress = progress or talk.begin("Another set-up is at work here; waiting for it")
                progress.beat()
                time.sleep(ASK_AGAIN_S)
        if progress:
            progress.done()
        yield
