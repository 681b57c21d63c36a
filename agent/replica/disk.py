"""A folder that is seen here: a stick, a shared disk, or one that another program keeps alike. Files are written aside
and renamed."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from agent.errors import BrokenError, CarryonError
from agent.replica.errors import NoExchangeError, UnreadError
from agent.store.files import write_whole

PARTIAL_SECONDS_MAX = 3_600
FILES_MAX = 2_000


class Disk:
    """See Road."""

    files_max = FILES_MAX
    needs_seal = False

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def where(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        return self.path.name or self.where

    def begin(self) -> None:
        if not _is(self.path.is_dir, self.path):
            raise NoExchangeError(
                "The folder is not there.", self.where, "Plug in the stick, or choose another folder."
            )

    def names(self, *steps: str) -> tuple[str, ...]:
        folder = self.path.joinpath(*steps)
        if not _is(folder.is_dir, folder):
            return ()
        try:
            return tuple(entry.name for entry in folder.iterdir())
        except OSError as error:
            raise _gone(error, folder) from error

    def has(self, *steps: str) -> bool:
        path = self.path.joinpath(*steps)
        return _is(path.is_file, path)

    def read(self, *steps: str, most: int) -> bytes:
        path = self.path.joinpath(*steps)
        try:
            if not path.is_file():  # nor anything else than a file, which might never answer
                raise UnreadError("it is not there yet")
            with path.open("rb") as file:
                raw = file.read(most + 1)
        except OSError as error:
            raise UnreadError(f"it cannot be read ({error.strerror or error})") from error
        if len(raw) > most:
            raise UnreadError("it is larger than Carryon writes")
        return raw

    def write(self, content: bytes, *steps: str, new: bool) -> None:
        path = self.path.joinpath(*steps)
        if new and self.has(*steps):
            raise NoExchangeError("Somebody else wrote what this laptop was about to.", str(path), "Do it again.")
        try:
            write_whole(path, content)
        except CarryonError as error:
            if not _is(self.path.is_dir, self.path):
                raise NoExchangeError(
                    "The folder went away while it was written to.", self.where, "Nothing is lost; do it again."
                ) from error
            raise

    def drop(self, *steps: str) -> None:
        path = self.path.joinpath(*steps)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _gone(error, path) from error

    def drop_folder(self, *steps: str) -> None:
        with contextlib.suppress(OSError):
            self.path.joinpath(*steps).rmdir()

    def tidy(self, *steps: str) -> None:
        for path in self.path.joinpath(*steps).glob(".*"):
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_mtime < time.time() - PARTIAL_SECONDS_MAX:
                    path.unlink()


def _is(asks: Callable[[], bool], path: Path) -> bool:
    """Whether it is a file, or a folder. A share that does not answer is neither an answer nor a no."""
    try:
        return asks()
    except OSError as error:
        raise _gone(error, path) from error


def _gone(error: OSError, path: Path) -> CarryonError:
    if isinstance(error, FileNotFoundError):
        return NoExchangeError("The folder went away.", str(path), "Nothing is lost; do it again.")
    return BrokenError(f"The folder cannot be read: {error.strerror or error}.", str(path), "Check its rights.")
