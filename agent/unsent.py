"""What the user has sent and nothing has stored yet: on the disk before it leaves the box, gone once it is a message.

One file for each process in the state folder, JSON by the line, only ever added to; emptied when nothing in it waits,
removed at the end. The write itself, a twentieth of a millisecond into the system's memory, is done by whoever sends:
after it a killed process loses nothing. A thread then has it put on the disk, so a power cut loses nothing either. What
a dead process left is read by `left_over`; agent.session takes it up.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FILE_BYTES_MAX = 64 * 1024 * 1024
FILES_MAX = 100
NAME = "unsent-"
ENDING = ".jsonl"

Line = dict[str, str | int | list[str] | None]


class Waiting(NamedTuple):
    """A text that was sent and never stored. `at`: unix milliseconds when it was sent; `sources`: who wrote some of it
    besides the user."""

    text: str
    at: int
    conversation_id: str | None
    sources: tuple[str, ...] = ()


class Unsent:
    """`keep` and `stored` are called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{NAME}{os.getpid()}-{os.urandom(4).hex()}{ENDING}"
        self._lock = threading.Lock()
        self._waiting: set[str] = set()
        self._given_back: set[str] = set()
        self._file: int | None = None
        self._size = 0
        self._written = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._put_on_the_disk, name="unsent", daemon=True)

    def keep(self, key: str, text: str, conversation_id: str | None = None, sources: tuple[str, ...] = ()) -> bool:
        """True once it is written; False when it could not be: the draft in the database is the second net."""
        line: Line = {"id": key, "at": int(time.time() * 1_000), "text": text, "conversation": conversation_id}
        if sources:
            line["sources"] = list(sources)
        with self._lock:
            self._waiting.add(key)
            return self._write(line)

    def holds(self, key: str) -> bool:
        return key in self._waiting

    def stored(self, key: str) -> None:
        """The message is in the database now."""
        with self._lock:
            if key in self._waiting:
                self._waiting.discard(key)
                self._write({"stored": key})

    def given_back(self, key: str) -> None:
        """It could not be stored and stands in the box again, which has a place of its own at an orderly end."""
        if key in self._waiting:
            self._given_back.add(key)

    def close(self) -> None:
        """At an orderly end; the file stays if something in it has no other place."""
        self._closing = True
        self._written.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
        if not self._waiting - self._given_back:
            self._path.unlink(missing_ok=True)

    def _write(self, line: Line) -> bool:
        """Under the lock."""
        try:
            if self._file is None:
                self._file = self._open()
            if self._waiting:
                self._append(
                    self._file, f"\n{json.dumps(line)}\n".encode("ascii")
                )  # a line of its own, even after one that was cut
            else:  # nothing in it is needed any more
                os.ftruncate(self._file, 0)
                self._size = 0
        except OSError:
            return False
        self._written.set()
        return True

    def _open(self) -> int:
        file = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        _hold(file)
        self._thread.start()
        return file

    def _append(self, file: int, data: bytes) -> None:
        if self._size + len(data) > FILE_BYTES_MAX:
            raise OSError("the file of unsent messages is full")
        while data:
            done = os.write(file, data)
            self._size, data = self._size + done, data[done:]

    def _put_on_the_disk(self) -> None:
        while not self._closing:
            self._written.wait()
            self._written.clear()
            if self._file is not None:
                try:
                    os.fsync(self._file)
                except OSError:
                    continue  # the system's memory still has it


def left_over(folder: Path) -> Iterator[tuple[Path, list[Waiting]]]:
    """Files of processes that are gone, each with what was never stored, in order."""
    files = sorted(folder.glob(f"{NAME}*{ENDING}"))[:FILES_MAX]
    for path in files:
        if not _is_alive(path):
            yield path, _waiting_in(path)


def _waiting_in(path: Path) -> list[Waiting]:
    waiting: dict[str, Waiting] = {}
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                if "stored" in entry:
                    waiting.pop(entry["stored"], None)
                else:
                    text, at, place = str(entry["text"]), int(entry["at"]), entry["conversation"]
                    waiting[entry["id"]] = Waiting(text, at, place, tuple(map(str, entry.get("sources", ()))))
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a process that died while it wrote
    return list(waiting.values())


def _is_alive(path: Path) -> bool:
    """Whether the process that wrote the file still runs: its hold on the file ends with it."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return True  # not ours to read
    try:
        return not _hold(file) if fcntl else _is_open_elsewhere(path)
    finally:
        os.close(file)


def _is_open_elsewhere(path: Path) -> bool:
    """Windows has no such hold: the number of the process must do, which another may have been given since."""
    import psutil

    owner = path.name.removeprefix(NAME).partition("-")[0]
    return owner.isdecimal() and int(owner) != os.getpid() and psutil.pid_exists(int(owner))


def _hold(file: int) -> bool:
    """Hold the file while this process lives; False when another one does. True where the system cannot tell."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
