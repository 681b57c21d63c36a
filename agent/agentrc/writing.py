"""Writing a settings file so that no reader ever sees half of it: a new file beside it, then a change of name.

A symbolic link stays a link: its target is replaced. The mode stays; a new file is the user's alone.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from agent.agentrc.errors import RcError

NEW_MODE = 0o600


def write_atomically(path: Path, raw: bytes) -> None:
    """Replace the file's bytes. Raises RcError that says what to do; then the old file is untouched."""
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(target, raw)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RcError(
            f"{path} could not be written: {reason}. It is as it was; make room or permit writing, then try again."
        ) from error


def _replace(target: Path, raw: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else NEW_MODE
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk too; systems that cannot sync a folder do it on their own."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Take the file away again (of a link: its target)."""
    Path(os.path.realpath(path)).unlink(missing_ok=True)


@contextlib.contextmanager
def held(lock: Path) -> Iterator[None]:
    """One writer at a time among the processes of one profile; the system lets go if a holder dies."""
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
