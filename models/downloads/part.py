"""What has arrived of a file, to the byte, in a form that no crash can make look whole.

NAME.part       the bytes, each at its place; it has its full length from the start, its name says that it is not whole
NAME.part.map   how far each piece has come: eight bytes a piece, written after the bytes they count
NAME.part.json  what it is a part of: address (as a digest), the server's tag for this version, length, digest
"""

from __future__ import annotations

import os
import struct
import threading
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from models.json_file import read_json, write_json

SCHEMA = 2
SIZE_MAX = 4 * 1024**4
_COUNT = struct.Struct("<Q")


class Halted(Exception):  # noqa: N818  no error: somebody said stop
    """The part was closed; what was about to be written is not."""


@dataclass(frozen=True, slots=True)
class Notes:
    """`tag`: the server's name for this version, "" when it has none that can be relied upon; `sha256`: as the
    publisher states it, or ""; `shown`: the address for people."""

    key: str
    tag: str
    sha256: str
    total: int
    piece_bytes: int
    shown: str

    @property
    def can_go_on(self) -> bool:
        """Whether later bytes can be told to be of the same file."""
        return bool(self.tag or self.sha256)

    @property
    def pieces(self) -> int:
        return -(-self.total // self.piece_bytes)


@dataclass(frozen=True, slots=True)
class Piece:
    index: int
    start: int
    end: int  # the byte after its last


class Part:
    """`target`: the file in the end. All methods may be called from any thread; a closed part stays closed, so that no
    late thread can write into what its successor has begun."""

    def __init__(self, target: Path) -> None:
        self.file = target.with_name(f"{target.name}.part")
        self._map_file = target.with_name(f"{target.name}.part.map")
        self._notes_file = target.with_name(f"{target.name}.part.json")
        self._lock = threading.RLock()
        self._data: FileIO | None = None
        self._map: FileIO | None = None
        self._closed = False
        self._counts: list[int] = []
        self.notes: Notes | None = None

    def take_up(self, key: str) -> bool:
        """Go on with what an earlier run left of the same address; anything else is thrown away."""
        notes = self._read_notes()
        counts = self._read_counts(notes) if notes and notes.key == key and notes.can_go_on else None
        if notes is None or counts is None:
            self._remove()
            return False
        self._open(notes, counts)
        return True

    def peek(self) -> tuple[Notes, int] | None:
        """What is kept and how many bytes have arrived, without touching any of it."""
        notes = self._read_notes()
        counts = self._read_counts(notes) if notes else None
        return (notes, sum(counts)) if notes and counts is not None else None

    def begin(self, notes: Notes) -> None:
        """Start from nothing. OSError when the disk does not take it, Halted once the part is closed."""
        with self._lock:
            if self._closed:
                raise Halted
            self._remove()
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(self.file, notes.total)
            _make(self._map_file, notes.pieces * _COUNT.size)
            write_json(self._notes_file, {"schema": SCHEMA, **asdict(notes)})
            self._open(notes, [0] * notes.pieces)

    def pieces(self) -> tuple[Piece, ...]:
        notes = self._known()
        starts = range(0, notes.total, notes.piece_bytes)
        return tuple(
            Piece(index, start, min(start + notes.piece_bytes, notes.total)) for index, start in enumerate(starts)
        )

    def at(self, piece: Piece) -> int:
        """The first byte of it that is not here."""
        with self._lock:
            return piece.start + self._counts[piece.index]

    @property
    def done(self) -> int:
        with self._lock:
            return sum(self._counts)

    @property
    def whole(self) -> bool:
        return self.notes is not None and self.done == self.notes.total

    def put(self, piece: Piece, at: int, data: bytes) -> None:
        """Write what comes next of a piece. Halted once the part is closed."""
        with self._lock:
            if self._data is None or self._map is None:
                raise Halted
            _write(self._data, at, data)
            self._counts[piece.index] = at + len(data) - piece.start
            _write(self._map, piece.index * _COUNT.size, _COUNT.pack(self._counts[piece.index]))

    def close(self) -> None:
        """Nothing is written after this."""
        with self._lock:
            self._closed = True
            self._shut()

    def _shut(self) -> None:
        for file in (self._data, self._map):
            if file is not None:
                file.close()
        self._data = self._map = None

    def settle(self) -> None:
        """Force the bytes to the disk and close."""
        with self._lock:
            if self._data is not None:
                os.fsync(self._data.fileno())
        self.close()

    def drop(self) -> None:
        """Close, and throw away what has arrived."""
        self.close()
        self._remove()

    def _remove(self) -> None:
        with self._lock:
            self._shut()
            self.forget()
            self.file.unlink(missing_ok=True)
            self.notes, self._counts = None, []

    def forget(self) -> None:
        """Remove what is kept beside the bytes: the notes first, for without them the rest counts for nothing."""
        self._notes_file.unlink(missing_ok=True)
        self._map_file.unlink(missing_ok=True)

    def _open(self, notes: Notes, counts: list[int]) -> None:
        with self._lock:
            if self._closed:
                raise Halted
            self._shut()
            self._data, self._map = FileIO(self.file, "r+"), FileIO(self._map_file, "r+")
            self.notes, self._counts = notes, counts

    def _known(self) -> Notes:
        assert self.notes is not None, "take_up or begin comes first"
        return self.notes

    def _read_notes(self) -> Notes | None:
        try:
            kept = read_json(self._notes_file)
            if kept.pop("schema", 0) != SCHEMA:
                return None
            notes = Notes(**kept)
            sound = 0 < notes.total <= SIZE_MAX and 0 < notes.piece_bytes <= SIZE_MAX
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return notes if sound else None

    def _read_counts(self, notes: Notes) -> list[int] | None:
        try:
            if self.file.stat().st_size != notes.total:
                return None
            kept = self._map_file.read_bytes()
        except OSError:
            return None
        if len(kept) != notes.pieces * _COUNT.size:
            return None
        counts = [count for (count,) in _COUNT.iter_unpack(kept)]
        last = notes.total - (notes.pieces - 1) * notes.piece_bytes
        fits = all(count <= notes.piece_bytes for count in counts) and counts[-1] <= last
        return counts if fits else None


def _make(file: Path, length: int) -> None:
    """An empty file of that length: zeros that take no room where the file system can do that."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.ftruncate(handle, length)
    finally:
        os.close(handle)


def _write(file: FileIO, at: int, data: bytes) -> None:
    file.seek(at)
    view = memoryview(data)
    while view:
        written = file.write(view)
        view = view[written:]
