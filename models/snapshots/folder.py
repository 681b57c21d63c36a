"""The folder of saved states: bounded, the longest unused go first, damaged ones are set aside, purged ones stay gone.

Several processes may use it at once. A file is written beside its place and renamed, so that nobody reads half of one;
one that vanishes under a reader's hands was never there. Modification times say when a state was last of use.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from models.snapshots import gone
from models.snapshots.budget import BUDGET_BYTES, FILE_SHARE, limit, surplus
from models.snapshots.form import DamagedError, Header, read, read_header, write
from models.snapshots.listing import Entry, entries, remove, sweep
from models.snapshots.names import conversation_start, is_sealed, prefix_start
from models.snapshots.packing import Saved, unpack
from models.snapshots.quarantine import out_of_reach, set_aside
from models.snapshots.terms import Mode

PART_SECONDS = 3_600.0  # a file that is being written for longer is a leftover
MARK_SECONDS = 86_400.0  # no worker writes for so long
USELESS_SECONDS = 30 * 86_400.0  # then it is tried again
_PART, _USELESS = ".part-", "useless-"

Marks = tuple[str, str]
Read = TypeVar("Read")


class Snapshots:
    """`budget` in bytes; `free(folder)`: what the disk has left. Nothing is made or read before the first use."""

    def __init__(
        self, folder: Path, budget: int = BUDGET_BYTES, *, free: Callable[[Path], int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.folder = folder
        self._budget = budget
        self._free = free or _free_bytes
        self._clock = clock

    def make(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def entries(self) -> list[Entry]:
        """Everything there is, what can best be spared first."""
        return entries(self.folder)

    def hold_budget(self, budget: int) -> None:
        """From now on; the next state that is saved, or `prune`, lets go of what is too much."""
        self._budget = budget

    # -- reading -------------------------------------------------------------------------------------------------

    def header(self, name: str) -> Header | None:
        """None: there is no such file. DamagedError: there was one, and it has been set aside."""
        return self._judged(name, read_header)

    def load(self, name: str, key: bytes = b"") -> Saved | None:
        """The state, every byte checked; else as `header`."""
        return self._judged(name, lambda path: unpack(*read(path), key))

    def verify(self, name: str) -> None:
        """Read every byte, without a key; DamagedError as above."""
        self._judged(name, read)

    def newest_prefix(self, base_sha256: str) -> str | None:
        """The name of the beginning that was last of use with that model file; none that needs a key."""
        start = prefix_start(base_sha256)
        plain = [entry for entry in self.entries() if not entry.aside and not is_sealed(entry.name)]
        found = [entry for entry in plain if entry.name.startswith(start)]
        return max(found, key=lambda entry: entry.used_at).name if found else None

    def used(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.utime(self.folder / name)

    @contextlib.contextmanager
    def out_of_reach(self, name: str, conversation: str) -> Iterator[None]:
        """While llama.cpp reads it: quarantine.py says why."""
        marks = self.marks(conversation)
        with out_of_reach(self.folder, name):
            yield
        self._purged(name, conversation, marks)

    # -- writing -------------------------------------------------------------------------------------------------

    def limit(self) -> int:
        """Bytes that all files together may take now."""
        taken = sum(entry.bytes for entry in self.entries())
        return limit(self._budget, self._free(self.folder), taken) if self.folder.is_dir() else self._budget

    def largest(self) -> int:
        """Bytes that one file may take."""
        return self.limit() // FILE_SHARE

    def marks(self, conversation: str) -> Marks:
        """To be read before a state is made and given back to `save`."""
        return gone.marks(self.folder, conversation)

    def save(self, name: str, header: Header, payload: bytes | bytearray, marks: Marks) -> bool:
        """Put it in place, whole. False: it was purged meanwhile. OSError: the disk would not take it."""
        self.prune(room=len(payload))
        part = self.folder / f"{_PART}{os.urandom(8).hex()}"
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                write(file, header, payload)
            part.replace(self.folder / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return not self._purged(name, header.conversation, marks)

    def prune(self, room: int = 0, *, aside: bool = False) -> int:
        """Hold the budget with `room` bytes to spare; how many files went. `aside`: all damaged ones, too."""
        now = self._clock()
        for start, seconds in ((_PART, PART_SECONDS), (gone.PREFIX, MARK_SECONDS), (_USELESS, USELESS_SECONDS)):
            sweep(self.folder, start, now - seconds)
        damaged = self._remove(lambda entry: entry.aside) if aside else 0
        going = surplus(self.entries(), room, self.limit())
        for entry in going:
            remove(entry.path)
        return damaged + len(going)

    # -- letting go ----------------------------------------------------------------------------------------------

    def holds(self, conversation: str) -> bool:
        return any(entry.name.startswith(conversation_start(conversation)) for entry in self.entries())

    def forget(self, conversation: str) -> None:
        """For good, also what a worker is about to write. OSError: a file could not be deleted."""
        if self.folder.is_dir():
            self._purge(conversation, lambda entry: entry.name.startswith(conversation_start(conversation)))

    def clear(self) -> int:
        """As `forget`, for everything; how many files went."""
        if not self.folder.is_dir():
            return 0
        return self._purge(gone.ALL, lambda _entry: True)

    def hold_to(self, mode: Mode) -> None:
        """Let go of what the settings no longer allow to lie there."""
        if mode != "none":
            self._remove(lambda entry: is_sealed(entry.name) != (mode == "encrypted"))
        elif self.entries():
            self.clear()

    # -- setups for which it is no use ---------------------------------------------------------------------------

    def is_useless(self, setup_digest: str) -> bool:
        return (self.folder / f"{_USELESS}{setup_digest}").exists()

    def mark_useless(self, setup_digest: str) -> None:
        (self.folder / f"{_USELESS}{setup_digest}").touch(mode=0o600)

    def _purge(self, digest: str, which: Callable[[Entry], bool]) -> int:
        """Marked first, so that nothing is put back behind it. A full disk has no room for the mark before they go."""
        try:
            gone.mark(self.folder, digest)
        except OSError:
            went = self._remove(which)
            gone.mark(self.folder, digest)
            return went + self._remove(which)
        return self._remove(which)

    def _remove(self, which: Callable[[Entry], bool]) -> int:
        going = [entry for entry in self.entries() if which(entry)]
        for entry in going:
            remove(entry.path)
        return len(going)

    def _judged(self, name: str, reading: Callable[[Path], Read]) -> Read | None:
        try:
            return reading(self.folder / name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except DamagedError as error:
            set_aside(self.folder, name, str(error))
            raise

    def _purged(self, name: str, conversation: str, marks: Marks) -> bool:
        """Whether it was purged since `marks` were read; then it goes."""
        if self.marks(conversation) == marks:
            return False
        remove(self.folder / name)
        return True


def _free_bytes(folder: Path) -> int:
    import shutil  # brings the archive formats along; not while a model starts

    return shutil.disk_usage(folder).free
