"""What the practice destinations received, in a file of their own that can be erased without a trace.

A key is stored with what came under it, so a repeat has no second effect. Journal in memory, freed pages overwritten:
after `erase` nothing of it is left in the folder.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MESSAGES_MAX = 1_000  # older ones make room
TEXT_CHARACTERS_MAX = 2_000_000
HEADER_CHARACTERS_MAX = 1_000

_TABLE = """
CREATE TABLE IF NOT EXISTS received (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at INTEGER NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Received:
    """`kind`: email, message or issue; `key`: by which a repeat is recognised; `received_at`: unix milliseconds."""

    id: str
    key: str
    kind: str
    to: str
    subject: str
    body: str
    received_at: int


class PracticeStore:
    """May be used from any thread, and by two processes at once: each call opens the file for itself."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock

    def receive(self, key: str, kind: str, to: str, subject: str, body: str) -> tuple[str, bool]:
        """Store it once. Its number there, and whether it is new."""
        with closing(self._open()) as connection:
            new = connection.execute(
                "INSERT INTO received (key, kind, recipient, subject, body, received_at) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO NOTHING",
                (
                    key, kind, to[:HEADER_CHARACTERS_MAX], subject[:HEADER_CHARACTERS_MAX],
                    body[:TEXT_CHARACTERS_MAX], int(self._clock() * 1_000),
                ),
            ).rowcount  # fmt: skip
            connection.execute("DELETE FROM received WHERE id <= (SELECT max(id) FROM received) - ?", (MESSAGES_MAX,))
            row = connection.execute("SELECT id FROM received WHERE key = ?", (key,)).fetchone()
        return str(row[0]), bool(new)

    def newest(self, limit: int) -> list[Received]:
        if not self._path.exists():
            return []
        with closing(self._open()) as connection:
            rows = connection.execute("SELECT * FROM received ORDER BY id DESC LIMIT ?", (min(limit, MESSAGES_MAX),))
            return [Received(str(row[0]), *row[1:]) for row in rows]

    def erase(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(_TABLE)
        return connection
