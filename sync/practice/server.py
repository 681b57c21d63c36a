"""The practice destinations together: one mailbox, any number of channels, one tracker, one file."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sync.errors import SyncError
from sync.practice.mailbox import open_mailbox
from sync.practice.receiver import Receiver
from sync.practice.store import PracticeStore, Received

Of = TypeVar("Of")


class PracticeServer:
    """`with PracticeServer(path) as practice`: serves on 127.0.0.1 until it is left. Ports are new each time, so make
    transports from `smtp_port` and `http_url` at the moment of use. What was received can be read without serving."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._store = PracticeStore(path, clock)
        self._undo = ExitStack()
        self._smtp_port: int | None = None
        self._http_url: str | None = None

    @property
    def smtp_port(self) -> int:
        return _serving(self._smtp_port)

    @property
    def http_url(self) -> str:
        """Append /channels/NAME or /issues."""
        return _serving(self._http_url)

    def delivered(self, limit: int = 100) -> list[Received]:
        """Newest first."""
        return self._store.newest(limit)

    def erase(self) -> None:
        """Forget everything that was received; nothing of it stays on the disk."""
        self._store.erase()

    def __enter__(self) -> "PracticeServer":
        with ExitStack() as undo:
            mailbox = open_mailbox(self._store)
            undo.callback(mailbox.stop)
            receiver = Receiver(self._store)
            undo.callback(receiver.close)
            self._smtp_port, self._http_url = mailbox.port, receiver.url
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp_port = self._http_url = None
        self._undo.close()


def _serving(value: Of | None) -> Of:
    if value is None:
        raise SyncError("The practice destinations are not open.", "practice", "Turn them on in Settings.")
    return value
