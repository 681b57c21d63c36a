"""What was written down under another clock, or by a database that is not this one, put right before anything is sent.

Part of each pass of the dispatcher. Everything happens in short transactions and may be broken off and begun again.
"""

import sqlite3
from collections.abc import Callable

from sync import clocks, restored
from sync.item import Item, from_row
from sync.life import Life, here
from sync.rows import Clock, Rows
from sync.transaction import transaction

AT_ONCE_MAX = 500  # in one transaction, a tenth of a second
LOOKED_BACK_MAX = 1_000  # lines of the history
WORDS = "The clock was set back; the doubt keeps its age."


class Mending:
    """`life`: the mark outside the database; without it an older copy that is put back by hand is not noticed."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock, life: Life | None = None) -> None:
        self._connection = connection
        self._rows = Rows(connection, clock)
        self._life = life

    def look_back(self) -> None:
        """Once in a process: was the clock set back since something was last written down? By how much at least, the
        last lines of the history tell; how long nobody looked, nothing tells."""
        now = self._rows.now_ms()
        rows = self._connection.execute("SELECT at FROM outbox_history ORDER BY id DESC LIMIT ?", (LOOKED_BACK_MAX,))
        noted = [row["at"] for row in rows]
        if noted and noted[0] - now >= clocks.SLACK_MS:
            self.set_back(noted[0] - now)
        while doubts := self._doubts("uncertain_since > ?", now + clocks.SLACK_MS):
            self._shift(doubts, lambda since: now - max(max(noted) - since, 0))

    def set_back(self, back_ms: int) -> None:
        """The clock was set back by so much: what is in doubt is as old as it was, and no wait is longer for it."""
        after = 0
        while doubts := self._doubts("seq > ?", after):
            self._shift(doubts, lambda since: since - back_ms)
            after = doubts[-1].seq
        self._rows.each_put_off(clocks.shortened_wait, AT_ONCE_MAX)

    def rejuvenate(self) -> int:
        """What was written down at a time that has not come yet gets its span again from now on. How many; there may
        be more."""
        now = self._rows.now_ms()
        ids = self._connection.execute(
            "SELECT id FROM outbox_item INDEXED BY outbox_item_created WHERE state IN ('waiting_approval', 'queued', "
            "'failed') AND created_at > ? ORDER BY created_at LIMIT ?",
            (now + clocks.SLACK_MS, AT_ONCE_MAX),
        ).fetchall()
        if ids:
            with transaction(self._connection):
                for row in ids:
                    self._rows.rejuvenated(self._rows.get(row["id"]), now)
        return len(ids)

    def beware(self) -> int:
        """If an older copy of the database was put back, put in doubt what is open in it. How many items."""
        if self._life is None:
            return 0
        known = self._life.read()
        mark = here(self._connection)
        behind = mark.is_behind(known)
        if not behind and not mark.marked:
            return 0
        marked = restored.mark(self._connection, self._rows.now_ms()) if behind else 0
        with transaction(self._connection):
            offers = known.offers if known and known.life == mark.life else mark.offers
            self._connection.execute("UPDATE outbox_life SET offers = max(offers, ?), marked = 0", (offers,))
        self._life.note(here(self._connection))
        return marked

    # Inner

    def _shift(self, doubts: list[Item], shifted: Callable[[int], int]) -> None:
        with transaction(self._connection):
            for item in (self._rows.get(doubt.id) for doubt in doubts):
                if item.uncertain_since is not None:
                    self._rows.change(item, WORDS, uncertain_since=shifted(item.uncertain_since))

    def _doubts(self, where: str, value: int) -> list[Item]:
        rows = self._connection.execute(
            "SELECT * FROM outbox_item INDEXED BY outbox_item_doubted WHERE uncertain_since IS NOT NULL "  # noqa: S608
            f"AND state <> 'delivered' AND {where} ORDER BY seq LIMIT ?",
            (value, AT_ONCE_MAX),
        )
        return [from_row(row) for row in rows]
