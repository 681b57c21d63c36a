"""A folder of small private files: each whole or not there, the oldest gone once there are too many of them. Several
threads and processes may use one folder at once, so that a file may vanish at any moment.
"""

import math
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from agent.errors import CarryonError
from agent.store.files import write_whole
from agent.tools.errors import NotKeptError

END = ".json"
NOT_KEPT = "not_kept"  # the fact of an answer that says why there will be no copy of it
LEFT_OVER_S = 3_600.0  # what was begun so long ago is not being written any more


class PrivateFiles:
    """At most `number_max` files of `bytes_max` in all, none older than `age_s_max`."""

    def __init__(self, folder: Path, number_max: int, bytes_max: float = math.inf, age_s_max: float = math.inf) -> None:
        self._folder = folder
        self._number_max, self._bytes_max, self._age_s_max = number_max, bytes_max, age_s_max

    def names(self) -> list[str]:
        return [path.stem for path in self._folder.glob(f"*{END}")]

    def read(self, name: str) -> str | None:
        """None: it is not there, or cannot be read; who writes it anew is told why. Raises ValueError for no text."""
        try:
            return self._path(name).read_text("utf-8")
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Raises NotKeptError; then the one before stays."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._path(name), content)
            self._tidy()
        except (OSError, CarryonError) as error:  # a full disk or a closed folder, perhaps in the store's words
            why = error.what if isinstance(error, CarryonError) else f"{error.strerror or error}."
            raise NotKeptError(
                f"No copy of it could be kept. {why}", str(self._folder), "Check the disk and its free space."
            ) from error

    def drop(self, name: str) -> None:
        _unlink(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{END}"

    def _tidy(self) -> None:
        size, now = 0, time.time()
        found = sorted(self._found(), key=lambda one: -one[0].st_mtime)
        for about, path in found:
            if path.suffix != END and about.st_mtime < now - LEFT_OVER_S:
                _unlink(path)
        for number, (about, path) in enumerate(one for one in found if one[1].suffix == END):
            size += about.st_size
            if number >= self._number_max or size > self._bytes_max or about.st_mtime < now - self._age_s_max:
                _unlink(path)

    def _found(self) -> Iterator[tuple[os.stat_result, Path]]:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process was quicker
                about = path.lstat()
                if stat.S_ISREG(about.st_mode):
                    yield about, path


def _unlink(path: Path) -> None:
    with suppress(OSError):  # gone already, or open elsewhere on Windows: then the next time
        path.unlink(missing_ok=True)
