"""Knowing when the folder of the exchange changed, where the system can tell; else it is looked at now and then."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

TELLING = frozenset({"created", "modified", "moved", "deleted"})


class FolderWatch:
    """`wake()` from the watcher's thread. A stick that is pulled out ends its watch; `see` begins it anew."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._observer: Any = None
        self._seen: tuple[Path, int] | None = None

    def __enter__(self) -> "FolderWatch":
        from watchdog.observers import Observer

        observer = Observer()
        with contextlib.suppress(OSError):  # the system has no watches left
            observer.start()
            self._observer = observer
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()

    def see(self, folder: Path | None) -> None:
        """What is below it; nothing where it is watched already."""
        from agent.replica.folder import ROOT

        if self._observer is None or folder is None:
            return
        root = folder / ROOT
        with contextlib.suppress(OSError):  # gone meanwhile, or no watches left: it is looked at now and then
            found = root, root.stat().st_ino
            if found != self._seen:
                self._observer.unschedule_all()
                self._observer.schedule(self, str(root), recursive=True)
                self._seen = found

    def dispatch(self, event: Any) -> None:
        """watchdog's side."""
        if event.event_type in TELLING:
            self._wake()
