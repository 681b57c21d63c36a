"""A mark outside the database of how far it had come, so that an older copy put back in its place is known for one.

The database counts its offers (outbox_life); this file, in another folder, holds the same count. It is written after
the commit that precedes every offer, so in ordinary life it is never ahead. When it is, what is open here may have been
sent by the database that was here before. A profile that is copied whole, this file with it, cannot be told apart.
"""

import json
import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from sync.errors import LeaseLostError

BYTES_MAX = 1_000
BEGAN_EMPTY, LOOKED_OVER = 1, 2  # outbox_life.marked


@dataclass(frozen=True, slots=True)
class Mark:
    """`life`: which database; `offers`: how many it had made; `marked`: BEGAN_EMPTY, LOOKED_OVER or 0."""

    life: str
    offers: int
    marked: int = 0

    def is_behind(self, known: "Mark | None") -> bool:
        """Whether the database that was here when `known` was written had come further, or was another one. Read the
        file first and the database then, or an offer in between looks like one."""
        if known is None or self.marked == LOOKED_OVER:
            return False
        return known.offers > self.offers if known.life == self.life else self.marked != BEGAN_EMPTY


class Life:
    """`fault`: why the file could not be written, in words; "" when it could. Delivery goes on without it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.fault = ""

    def read(self) -> Mark | None:
        """None when there is none, or nobody can make sense of it."""
        try:
            with self._path.open("rb") as file:
                told = json.loads(file.read(BYTES_MAX))
            return Mark(str(told["life"]), int(told["offers"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note(self, here: Mark) -> None:
        """Whole or not at all. Not synced: a mark that the power took away is behind, which says nothing wrong."""
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}-{threading.get_ident()}.partial")
        try:
            partial.write_text(json.dumps({"life": here.life, "offers": here.offers}))
            partial.chmod(0o600)
            partial.replace(self._path)
            self.fault = ""
        except OSError as error:
            partial.unlink(missing_ok=True)
            self.fault = f"An older copy of the profile could not be told from this one: {error.strerror or error}."


def here(connection: sqlite3.Connection) -> Mark:
    """The database's own."""
    row = connection.execute("SELECT * FROM outbox_life").fetchone()
    if row is None:  # everything was erased; this is another database now, and began empty
        connection.execute(
            "INSERT INTO outbox_life VALUES (1, lower(hex(randomblob(16))), 0, 1) ON CONFLICT DO NOTHING"
        )
        row = connection.execute("SELECT * FROM outbox_life").fetchone()
    return Mark(row["life"], row["offers"], row["marked"])


def count_offer(connection: sqlite3.Connection, life: Life | None) -> Mark:
    """On the transaction that marks the offer. Raises LeaseLostError where nothing may be offered yet."""
    mark = here(connection)
    if life and mark.is_behind(life.read()):
        raise LeaseLostError("An older copy of the profile was put back.", "outbox", "It is looked over first.")
    connection.execute("UPDATE outbox_life SET offers = offers + 1")
    return Mark(mark.life, mark.offers + 1)
