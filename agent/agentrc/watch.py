"""Knowing within a second that a settings file was saved, and never reading it half-written.

Editors write in place, or beside and rename; dotfiles are often links into another folder. So the folders are watched,
of each link and of the target, and an event only wakes this thread: it looks at the bytes until they are at rest. A
file that has become empty, has vanished or has lost its last newline is given longer: somebody is still writing it.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from agent.agentrc.reading import read

REST_S = 0.08  # unchanged for this long: at rest
UNSURE_REST_S = 0.4  # the same where it looks half-written
SETTLE_S_MAX = 0.8  # a file that never rests is read anyway; the last good settings hold if it is broken
POLL_S = 0.5  # where a folder cannot be watched
LINKS_MAX = 16
TELLING = frozenset({"created", "modified", "moved", "deleted", "closed"})  # not: opened, read

Bytes = Mapping[Path, bytes | None]


class Watch:
    """Calls `settled()` in a thread of its own whenever one of `files()` may have changed and is at rest again, and
    once as soon as it watches. Use as a context manager or call close()."""

    def __init__(self, files: Callable[[], Sequence[Path]], settled: Callable[[], None]) -> None:
        self._files = files
        self._settled = settled
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._known: Bytes = {}
        self._names: frozenset[str] = frozenset()
        self._armed: dict[Path, Any] = {}
        self._blind = False  # some folder cannot be watched: look every POLL_S
        self.watching = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agentrc-watch", daemon=True)

    def start(self) -> "Watch":
        """Begin; `watching` is set once the folders are watched. A second call does nothing."""
        if self._thread.ident is None:
            self._thread.start()
        return self

    def close(self) -> None:
        self._closed.set()
        self._woken.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> "Watch":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        from watchdog.observers import Observer

        observer = Observer()
        try:
            observer.start()
        except OSError:  # the system has no watches left
            self._blind = True
        try:
            self._loop(observer)
        finally:
            if observer.is_alive():
                observer.stop()
                observer.join()

    def _loop(self, observer: Any) -> None:
        self._arm(observer)
        self._known = self._look()
        self._settled()
        self.watching.set()
        while not self._closed.is_set():
            self._woken.wait(POLL_S if self._blind else None)
            self._woken.clear()
            if self._closed.is_set():
                return
            if self._settle():
                self._settled()
                self._arm(observer)

    def _settle(self) -> bool:
        """Wait until the bytes rest; whether they are others than before."""
        waited, bytes_now = 0.0, self._look()
        while waited < SETTLE_S_MAX and bytes_now != self._known:
            rest = UNSURE_REST_S if unsure(self._known, bytes_now) else REST_S
            if self._closed.wait(rest):
                return False
            waited += rest
            before, bytes_now = bytes_now, self._look()
            if before == bytes_now:
                break
        changed = bytes_now != self._known
        self._known = bytes_now
        return changed

    def _look(self) -> Bytes:
        return {file: _bytes_of(file) for file in self._files()}

    def _arm(self, observer: Any) -> None:
        """Watch the folders that matter now: a link may have been bent elsewhere."""
        chain = [step for file in self._files() for step in steps(file)]
        self._names = frozenset(step.name for step in chain)
        wanted = {step.parent for step in chain if step.parent.is_dir()}
        self._blind = not observer.is_alive() or any(not step.parent.is_dir() for step in chain)
        if not observer.is_alive():
            return
        for folder in set(self._armed) - wanted:
            observer.unschedule(self._armed.pop(folder))
        for folder in wanted - set(self._armed):
            try:
                self._armed[folder] = observer.schedule(self, str(folder), recursive=False)
            except OSError:
                self._blind = True

    def dispatch(self, event: Any) -> None:
        """watchdog's side: an event in one of the folders."""
        paths = (event.src_path, getattr(event, "dest_path", ""))
        if event.event_type in TELLING and any(Path(os.fsdecode(path)).name in self._names for path in paths):
            self._woken.set()


def steps(file: Path) -> list[Path]:
    """The file, each link on the way, and the target at the end."""
    chain = [file]
    with contextlib.suppress(OSError):  # a link that is being bent right now; the next event tells
        while chain[-1].is_symlink() and len(chain) < LINKS_MAX:
            chain.append(chain[-1].parent / chain[-1].readlink())
    return [*chain, Path(os.path.realpath(file))]


def unsure(known: Bytes, now: Bytes) -> bool:
    """Whether some file looks as if its writer were not done: empty, gone, or cut before the last newline."""
    return any(_less(known.get(file), raw) for file, raw in now.items())


def _less(before: bytes | None, now: bytes | None) -> bool:
    if not before or before == now:
        return False
    return not now or (before.endswith(b"\n") and not now.endswith(b"\n"))


def _bytes_of(file: Path) -> bytes | None:
    try:
        return read(file)
    except OSError:
        return None
