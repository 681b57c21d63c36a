"""A profile that can be backed up and put back, with the destinations that live on whatever happens to it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.item import Item
from sync.life import Life
from sync.loopback import Loopback
from sync.outbox import Outbox
from sync.pauses import ASK_AFTER_S
from sync.restored import mark_file
from sync.transports.port import Mode
from tests.sim.profiles import HandClock, intent, open_connection

MODES: tuple[Mode, ...] = ("key", "query", "none")


class Profile:
    """A database file, a mark outside it, and destinations that live on whatever happens here."""

    def __init__(self, folder: Path, database: Path, clock: HandClock) -> None:
        self.path, self.clock = database, clock
        self.copy = folder / "copy.db"
        self.life = Life(folder / "outbox.life")
        self.places = {f"webhook:{mode}": Loopback(mode, mode) for mode in MODES}
        self.connection = open_connection(database)
        self.outbox = Outbox(self.connection, clock)

    def flush(self) -> None:
        """As a process that was started just now."""
        Dispatcher(
            lambda: open_connection(self.path), self.places.__getitem__, Connectivity(self.clock), self.clock,
            life=self.life,
        ).flush_once()  # fmt: skip

    def wait(self) -> None:
        """Until what was begun before the copy came back has ended."""
        self.clock.turn(ASK_AFTER_S + 1)

    def put(self, text: str, *, approval: bool = False) -> list[Item]:
        return [self.outbox.enqueue(intent(text, place), approval=approval) for place in sorted(self.places)]

    def back_up(self) -> None:
        with closing(sqlite3.connect(self.copy)) as target:
            self.connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")

    def come_back(self, kept: Path | None = None, *, marked: bool = True) -> int:
        """Put the copy in place: as `carryon restore` does, or `marked` False, by hand and unasked."""
        self.connection.close()
        incoming = self.path.with_name("incoming")
        shutil.copyfile(self.copy, incoming)
        doubted = mark_file(incoming, kept, int(self.clock() * 1_000), self.life) if marked else 0
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        incoming.replace(self.path)
        self.connection = open_connection(self.path)
        self.outbox = Outbox(self.connection, self.clock)
        return doubted

    def keep_aside(self) -> Path:
        kept = self.path.with_name("kept.db")
        with closing(sqlite3.connect(kept)) as target:
            self.connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        return kept

    def states(self, items: list[Item]) -> list[str]:
        return [self.outbox.get(item.id).state.value for item in items]

    def times(self, items: list[Item]) -> list[int]:
        return [self.places[item.destination].times(item.id) for item in items]
