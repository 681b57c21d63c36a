"""One exchange with a folder: read what the others wrote, join what was written at a time, write what they lack.

Nothing is taken from the folder that was not whole, and nothing is lost by a crash between any two steps: what was read
is read again, what was written is found again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agent.library import blobs
from agent.replica import identity, lines, report
from agent.replica.alone import alone
from agent.replica.errors import NoExchangeError, UnreadError
from agent.replica.folder import Folder
from agent.replica.giving import Giving
from agent.replica.joining import Joined, is_open, join, open_ones
from agent.replica.own import Own, own
from agent.replica.position import Position, decode
from agent.replica.reading import waiting
from agent.replica.report import SHOWN_MAX, Laptop, Report
from agent.replica.sealing import Seal
from agent.replica.taking import Taking
from agent.store.transaction import transaction

SEGMENTS_BEFORE_NEW = 2_000  # files of one generation; then all is written anew, as one
PURGED_AGE_MS_MAX = 86_400_000  # how long a file may still hold what was deleted for good
STEPS_MAX = 1_000  # of joining one artifact; each takes away a head
TOMBSTONES_MAX = 50_000


class _TriedOnlyError(Exception):
    """Ends a dry run: everything is rolled back."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Between the library of this connection and a folder. `clock()` is unix seconds."""

    connection: sqlite3.Connection
    database: Path
    clock: Callable[[], float]
    name: str = ""

    def run(self, path: Path, seal: Seal, *, whole: bool = False, dry_run: bool = False) -> Report:
        """Raises NoExchangeError, PassphraseError. `whole`: write all anew. `dry_run`: only say what would be."""
        with alone(self.database):
            if not dry_run:
                return self._run(path, seal, whole=whole, dry_run=False)
            outcome = []
            with suppress(_TriedOnlyError), transaction(self.connection):
                outcome.append(self._run(path, seal, whole=whole, dry_run=True))
                raise _TriedOnlyError
            return outcome[0]

    def forget(self, path: Path, seal: Seal, laptop: str) -> Report:
        """One that is no more, by its name or the beginning of its id: what it wrote is kept, under this laptop's name,
        and its files go. Where not all of them can be read, nothing is done."""
        done = self.run(path, seal)
        meant = [it for it in done.laptops if laptop and (it.name == laptop or it.id.startswith(laptop))]
        if len(meant) != 1:
            what = "Several laptops are called so." if meant else "There is no other laptop of that name."
            raise NoExchangeError(what, laptop, "Look at: carryon sync status")
        if meant[0].waiting:
            raise NoExchangeError(f"Not all that it wrote can be read: {meant[0].why}.", laptop, "Try again later.")
        self.run(path, seal, whole=True)
        Folder(path, seal).drop(meant[0].id)
        return done

    def _run(self, path: Path, seal: Seal, *, whole: bool, dry_run: bool) -> Report:
        folder = Folder(path, seal)
        now_ms = int(self.clock() * 1000)
        me = identity.here(self.connection, self.database)
        if not dry_run:
            folder.tidy(me)
        mine = own(self.connection, folder, me, now_ms, whole=whole)
        before = mine.position
        taking = Taking(self.connection, folder, mine.id, replace(before, name=self.name or identity.laptop_name()))
        taking.take_all()
        if taking.deleted:
            blobs.forget_unused(self.connection)
            self.connection.execute("INSERT INTO artifact_fts(artifact_fts) VALUES ('optimize')")
        merges = self._join_all(patient=not taking.is_complete)
        wants = {laptop: at for laptop, (at, _, broken) in taking.waits.items() if broken}
        position = replace(taking.position, wants=wants)
        went = self._give(folder, mine, before, position, now_ms, dry_run=dry_run)
        done = Report(
            now_ms, str(path), tuple(sorted(taking.came.values()))[:SHOWN_MAX], taking.deleted, went,
            merges[:SHOWN_MAX], tuple(taking.notices), _laptops(taking),
        )  # fmt: skip
        self._keep(done)
        return done

    def _join_all(self, *, patient: bool) -> tuple[Joined, ...]:
        """`patient`: more is to come, so what lacks something in between can wait for it."""
        made = []
        for artifact_id in open_ones(self.connection):
            if patient and lines.has_gap(self.connection, artifact_id):
                continue
            for _ in range(STEPS_MAX):
                if not is_open(self.connection, artifact_id):
                    break
                if (joined := join(self.connection, artifact_id)) is not None:
                    made.append(joined)
        return tuple(made)

    def _give(
        self, folder: Folder, mine: Own, before: Position, position: Position, now_ms: int, *, dry_run: bool
    ) -> int:
        if dry_run:
            return waiting(self.connection, position.until, position.at.generation)
        whole = mine.whole
        if not whole and self._should_begin_anew(folder, mine.id, position, now_ms):
            mine = own(self.connection, folder, mine.id, now_ms, whole=True)
            position = replace(mine.position, name=position.name, read=position.read, names=position.names)
            whole = True
        giving = Giving(self.connection, folder, mine.id, position)
        giving.give(before, now_ms, whole=whole)
        return giving.went

    def _should_begin_anew(self, folder: Folder, me: str, position: Position, now_ms: int) -> bool:
        if position.at.n >= SEGMENTS_BEFORE_NEW or _is_wanted(folder, me):
            return True
        began_ms = int(position.at.generation[:12], 16)
        return now_ms - began_ms > PURGED_AGE_MS_MAX and self._purged_since(position.began)

    def _purged_since(self, seq: int) -> bool:
        row = self.connection.execute(
            "SELECT 1 FROM op_log WHERE seq > ? AND what = 'life'"
            " AND NOT EXISTS (SELECT 1 FROM artifact WHERE id = op_log.artifact_id) LIMIT 1",
            (seq,),
        ).fetchone()
        return row is not None

    def _keep(self, done: Report) -> None:
        if done.is_quiet:
            return
        with transaction(self.connection):
            report.keep(self.connection, done)
            self.connection.execute(
                "DELETE FROM op_log WHERE what = 'life' AND seq <= (SELECT seq FROM op_log WHERE what = 'life'"
                " ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (TOMBSTONES_MAX,),
            )


def _is_wanted(folder: Folder, me: str) -> bool:
    """Whether another laptop cannot read a file of ours, and it is broken indeed."""
    for laptop in folder.laptops():
        if laptop == me:
            continue
        try:
            payload = folder.state(laptop)
            at = decode(payload).wants.get(me) if payload else None
        except UnreadError:
            continue
        if at is not None and at in folder.chain(me):
            try:
                folder.read(me, at)
            except UnreadError:
                return True
    return False


def _laptops(taking: Taking) -> tuple[Laptop, ...]:
    names = taking.position.names
    return tuple(
        Laptop(it, names.get(it, it[:8]), taking.waiting(it), taking.waits[it][1] if it in taking.waits else "")
        for it in taking.chains
    )
