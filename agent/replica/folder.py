"""The folder that all laptops see: `carryon-library/`, in it a folder for each of them that it alone writes in.

    LAPTOP/GENERATION-000001.carryon …   its chain
    LAPTOP/state.carryon                 how far it has read the others
    LAPTOP/blobs/ab/…                    large contents

Files are written aside and renamed, and none but the state is ever written twice. So a stick, a shared disk or a
program that copies files never has two versions of one to choose from.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.errors import BrokenError, CarryonError
from agent.library.blobs import CONTENT_BYTES_MAX
from agent.replica.errors import NoExchangeError, UnreadError
from agent.replica.sealing import Seal
from agent.replica.segment import At
from agent.store.files import write_whole

ROOT = "carryon-library"
SUFFIX = ".carryon"
STATE = f"state{SUFFIX}"
FILE_BYTES_MAX = 64 * 1024 * 1024
LAPTOPS_MAX = 100
SEGMENTS_MAX = 20_000  # of one laptop; it begins a new generation long before
PARTIAL_SECONDS_MAX = 3_600

_LAPTOP = re.compile(r"[0-9a-f]{32}")
_SEGMENT = re.compile(r"([0-9a-f]{16})-([0-9]{6})\.carryon")


class Folder:
    """Raises NoExchangeError where the folder is not there: a stick that is not plugged in is no fault."""

    def __init__(self, path: Path, seal: Seal) -> None:
        if not _is(path.is_dir, path):
            raise NoExchangeError("The folder is not there.", str(path), "Plug in the stick, or choose another folder.")
        self.path = path
        self.seal = seal
        self._root = path / ROOT

    def laptops(self) -> tuple[str, ...]:
        if not _is(self._root.is_dir, self._root):
            return ()
        found = sorted(entry.name for entry in self._listed(self._root) if _LAPTOP.fullmatch(entry.name))
        return tuple(found[:LAPTOPS_MAX])

    def knows(self, laptop: str) -> bool:
        """Whether this laptop wrote here."""
        path = self._root / laptop / STATE
        return _is(path.is_file, path)

    def chain(self, laptop: str) -> tuple[At, ...]:
        """Places of which there is a file, in order."""
        if not _is((self._root / laptop).is_dir, self._root / laptop):
            return ()
        names = (_SEGMENT.fullmatch(entry.name) for entry in self._listed(self._root / laptop))
        return tuple(sorted(At(name[1], int(name[2])) for name in names if name)[:SEGMENTS_MAX])

    def read(self, laptop: str, at: At) -> bytes:
        """Raises UnreadError."""
        name = _name(at)
        return self.seal.open_up(laptop, name, self._bytes(self._root / laptop / name))

    def write(self, laptop: str, at: At, payload: bytes) -> None:
        name = _name(at)
        self._write(self._root / laptop / name, self.seal.close_up(laptop, name, payload))

    def state(self, laptop: str) -> bytes | None:
        """None: there is none."""
        path = self._root / laptop / STATE
        return self.seal.open_up(laptop, STATE, self._bytes(path)) if _is(path.is_file, path) else None

    def write_state(self, laptop: str, payload: bytes) -> None:
        self._write(self._root / laptop / STATE, self.seal.close_up(laptop, STATE, payload))

    def blob(self, laptop: str, sha256: str) -> bytes:
        """Raises UnreadError."""
        path = self._blob(laptop, sha256)
        return self.seal.open_up(laptop, path.name, self._bytes(path))

    def write_blob(self, laptop: str, sha256: str, content: bytes) -> None:
        path = self._blob(laptop, sha256)
        if not _is(path.is_file, path):
            self._write(path, self.seal.close_up(laptop, path.name, content))

    def drop(self, laptop: str, *, but: str = "") -> None:
        """Files of this laptop; `but`: those of that generation stay, and so do contents and state then."""
        for at in self.chain(laptop):
            if at.generation != but:
                _drop(self._root / laptop / _name(at))
        if not but:
            self._remove(self._root / laptop)

    def drop_blobs(self, laptop: str, keep: set[str]) -> None:
        """All but these contents."""
        names = {self._blob(laptop, sha256).name for sha256 in keep}
        for path in (self._root / laptop / "blobs").glob("??/*"):
            if path.name not in names:
                _drop(path)

    def tidy(self, laptop: str) -> None:
        """What a crash left half written there."""
        for path in (self._root / laptop).glob(".*"):
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_mtime < time.time() - PARTIAL_SECONDS_MAX:
                    path.unlink()

    def _blob(self, laptop: str, sha256: str) -> Path:
        name = self.seal.name_of(laptop, sha256)
        return self._root / laptop / "blobs" / name[:2] / name

    def _listed(self, folder: Path) -> Iterator[Path]:
        try:
            yield from folder.iterdir()
        except OSError as error:
            raise _gone(error, folder) from error

    def _bytes(self, path: Path) -> bytes:
        most = FILE_BYTES_MAX if path.suffix == SUFFIX else CONTENT_BYTES_MAX + 1_000
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

    def _write(self, path: Path, raw: bytes) -> None:
        try:
            write_whole(path, raw)
        except CarryonError as error:
            if not _is(self.path.is_dir, self.path):
                raise NoExchangeError(
                    "The folder went away while it was written to.", str(self.path), "Nothing is lost; do it again."
                ) from error
            raise

    def _remove(self, folder: Path) -> None:
        """Of a laptop that is forgotten; whatever else lies in it stays, and with it the folder."""
        for path in (folder / STATE, *(folder / "blobs").glob("??/*")):
            _drop(path)
        for inner in (*(folder / "blobs").glob("??"), folder / "blobs", folder):
            with contextlib.suppress(OSError):
                inner.rmdir()


def _name(at: At) -> str:
    return f"{at.generation}-{at.n:06}{SUFFIX}"


def _is(asks: Callable[[], bool], path: Path) -> bool:
    """Whether it is a file, or a folder. A share that does not answer is neither an answer nor a no."""
    try:
        return asks()
    except OSError as error:
        raise _gone(error, path) from error


def _drop(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _gone(error, path) from error


def _gone(error: OSError, folder: Path) -> CarryonError:
    if isinstance(error, FileNotFoundError):
        return NoExchangeError("The folder went away.", str(folder), "Nothing is lost; do it again.")
    return BrokenError(f"The folder cannot be read: {error.strerror or error}.", str(folder), "Check its rights.")
