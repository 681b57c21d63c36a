"""The practice destinations of this profile: served on loopback while they are on, gone without a trace when off."""

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from agent.protocol.records import PracticeMessage

if TYPE_CHECKING:
    from sync.practice import PracticeServer

SHOWN_MAX = 200


class Practice:
    """Starts its server when something is first sent there; used by two threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._server: PracticeServer | None = None
        self._stack = ExitStack()

    def server(self) -> "PracticeServer":
        with self._lock:
            if self._server is None:
                self._server = self._stack.enter_context(_served(self._path))
            return self._server

    def messages(self) -> tuple[PracticeMessage, ...]:
        """What arrived, newest first."""
        if not self._path.exists():
            return ()
        found = _served(self._path).delivered(SHOWN_MAX)
        return tuple(
            PracticeMessage(str(item.id), item.kind, item.to, item.subject, item.body, item.received_at)
            for item in found
        )

    def erase(self) -> None:
        """Stop serving and remove everything that was received."""
        self.close()
        _served(self._path).erase()

    def close(self) -> None:
        with self._lock:
            self._stack.close()
            self._server = None


def _served(path: Path) -> "PracticeServer":
    """A mail server brings half of a library along: imported where practice is on."""
    from sync.practice import PracticeServer

    return PracticeServer(path)
