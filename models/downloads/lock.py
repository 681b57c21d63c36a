"""One download of a file at a time, whoever runs it: a lock that ends with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.errors import DownloadError

TRIES = 5


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Hold the right to fetch `target`; DownloadError when another process has it. The lock's file goes in the end."""
    file = target.with_name(f"{target.name}.part.lock")
    handle = _take(file, target)
    try:
        yield
    finally:
        _release(handle, file)


def _take(file: Path, target: Path) -> int:
    for _ in range(TRIES):
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(handle):
            os.close(handle)
            break
        if _still_there(handle, file):
            return handle
        os.close(handle)  # its last holder has removed it between our opening and our locking
    raise DownloadError(
        "This file is being fetched already, by another window or command.", str(target),
        "Wait for that one, or stop it; what has arrived is kept.",
    )  # fmt: skip


def _locked(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _still_there(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except OSError:
        return False


def _release(handle: int, file: Path) -> None:
    if os.name != "nt":  # removed while it is held, so that nobody locks a file that is about to go
        file.unlink(missing_ok=True)
    os.close(handle)
    if os.name == "nt":
        with suppress(OSError):
            file.unlink(missing_ok=True)
