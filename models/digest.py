"""SHA-256 of model files: large, so it reports progress, can be stopped, and is remembered by size and time.

A file counts as unchanged while its path, size and modification time (nanoseconds) are; `fresh=True` reads it anyway.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from models.errors import CancelledError, ModelFileBadError
from models.json_file import read_json, write_json

CHUNK_BYTES = 4 * 1024 * 1024
REMEMBERED_MAX = 500

Progress = Callable[[int, int], bool]  # bytes done, bytes in all; False stops


def go_on(_done: int, _all: int) -> bool:
    return True


class Digests:
    """`file`: where they are remembered, JSON, 0600. A damaged or missing one is begun anew: it is only a cache."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def sha256(self, path: Path, progress: Progress = go_on, *, fresh: bool = False) -> str:
        """Hex digest of `path`. CancelledError when `progress` said stop; ModelFileBadError when it cannot be read."""
        try:
            stat = path.stat()
            known = {} if fresh else self._known()
            if digest := known.get(_key(path, stat)):
                return digest
            digest = hash_file(path, stat.st_size, progress)
            self._remember(_key(path, stat), digest)
        except OSError as error:
            raise ModelFileBadError(
                f"The file cannot be read: {error.strerror or error}.", str(path), "Check its path and permissions."
            ) from error
        return digest

    def remember(self, path: Path, digest: str) -> None:
        """`path` was read whole just now and has this digest."""
        with suppress(OSError):
            self._remember(_key(path, path.stat()), digest)

    def _remember(self, key: str, digest: str) -> None:
        known = self._known()
        known.pop(key, None)
        newest = dict(list({**known, key: digest}.items())[-REMEMBERED_MAX:])
        with suppress(OSError):  # a full disk costs only the memory of it
            write_json(self._file, newest)

    def _known(self) -> dict[str, str]:
        try:
            data = read_json(self._file)
        except (OSError, ValueError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {str(key): value for key, value in data.items() if isinstance(value, str)}


def _key(path: Path, stat: os.stat_result) -> str:
    return f"{stat.st_size}:{stat.st_mtime_ns}:{path.absolute()}"


def hash_file(path: Path, size: int, progress: Progress = go_on) -> str:
    """Hex SHA-256 of a file of `size` bytes, read whole."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if not progress(done, max(size, done)):
                raise CancelledError
    return digest.hexdigest()
