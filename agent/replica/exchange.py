"""One exchange with a folder: read what the others wrote, join what was written at a time, write what they lack.

Nothing is taken from the folder that was not whole, and nothing is lost by a crash between any two steps: what was read
is read again, what was written is found again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from agent.library import blobs
from agent.replica import identity, lines, report
from agent.replica.alone import alone
from agent.replica.errors import NoExchangeError, UnreadError
from agent.replica.folder import Folder
from agent.replica.giving import Giving
from agent.replica.joining import Joined, is_open, join, open_ones
from agent.replica.own import Own, own
from agent.replica.position import Position, decode, encode
from agent.replica.reading import waiting
from agent.replica.report import SHOWN_MAX, Laptop, Report
from agent.replica.road import Road
from agent.replica.sealing import Seal
from agent.replica.segment import At, digest_of, wanted
from agent.replica.segment import decode as decode_segment
from agent.replica.taking import Taking
from agent.store.transaction import transaction

PURGED_AGE_MS_MAX = 86_400_000  # how long a file may still hold what was deleted for good
CROWDED = 4  # times the files after which a road wants them anew
STEPS_MAX = 1_000  # of joining one artifact; each takes away a head
TOMBSTONES_MAX = 50_000
ID_SHOWN = 8  # characters


class _TriedOnlyError(Exception):
    """Ends a dry run: everything is rolled back."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Between the library of this connection and a folder. `clock()` is unix seconds."""

    connection: sqlite3.Connection
    database: Path
    clock: Callable[[], float]
    name: str = ""

    def run(self, road: Road, seal: Seal, *, whole: bool = False, dry_run: bool = False) -> Report:
        """Raises NoExchangeError, PassphraseError. `whole`: write all anew. `dry_run`: only say what would be."""
        if dry_run and road.needs_seal:  # a transaction is open all the while, and nobody may wait for a server in one
            raise NoExchangeError("A dry run is for folders on this machine.", road.where, "Leave out --dry-run.")
        with alone(self.database):
            if not dry_run:
                return self._run(road, seal, whole=whole, dry_run=False)
            outcome = []
            with suppress(_TriedOnlyError), transaction(self.connection):
                outcome.append(self._run(road, seal, whole=whole, dry_run=True))
                raise _TriedOnlyError
            return outcome[0]

    def forget(self, road: Road, seal: Seal, laptop: str) -> Report:
        """One that is no more, by its name or the beginning of its id: what it wrote is kept, under this laptop's name,
        and its files go. Where not all of them can be read, nothing is done."""
        done = self.run(road, seal)
        meant = [it for it in done.laptops if laptop and (it.name == laptop or it.id.startswith(laptop))]
        if len(meant) != 1:
            what = "Several laptops are called so." if meant else "There is no other laptop of that name."
            there = ", ".join(f"{it.name} ({it.id[:ID_SHOWN]})" for it in done.laptops)
            raise NoExchangeError(what, laptop, f"There are: {there}." if there else "No other one has written there.")
        if meant[0].waiting:
            raise NoExchangeError(f"Not all that it wrote can be read: {meant[0].why}.", laptop, "Try again later.")
        self.run(road, seal, whole=True)
        Folder(road, seal).drop(meant[0].id)
        return done

    def _run(self, road: Road, seal: Seal, *, whole: bool, dry_run: bool) -> Report:
        folder = Folder(road, seal)
        now_ms = int(self.clock() * 1000)
        me = identity.here(self.connection, self.database)
        if not dry_run:
            folder.tidy(me)
        mine = own(self.connection, folder, me, now_ms, whole=whole)
        before = mine.position
        taking = Taking(self.connection, folder, mine.id, replace(before, name=self.name or identity.laptop_name()))
        if road.needs_seal and not mine.whole:
            taking.keep = partial(self._keep_place, folder, mine.id)
        taking.take_all()
        if taking.deleted:
            blobs.forget_unused(self.connection)
            self.connection.execute("INSERT INTO artifact_fts(artifact_fts) VALUES ('optimize')")
        merges = self._join_all(patient=not taking.is_complete)
        wants = {laptop: at for laptop, (at, _, broken) in taking.waits.items() if broken}
        position = replace(taking.position, wants=wants)
        went, untold = self._give(folder, mine, before, position, now_ms, dry_run=dry_run)
        done = Report(
            now_ms, road.where, tuple(sorted(taking.came.values()))[:SHOWN_MAX], taking.deleted, went,
            merges[:SHOWN_MAX], (*taking.notices, *untold), _laptops(taking),
        )  # fmt: skip
        self._keep(done)
        return done

    def _keep_place(self, folder: Folder, me: str, position: Position) -> None:
        """With a token of its own: a backup from before does not know it, and so does not take itself for the one that
        has read so far."""
        token = identity.mark(self.connection, position.at)
        folder.write_state(me, encode(replace(position, token=token)))
        identity.confirm(self.connection, token, position.at)

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
    ) -> tuple[int, list[str]]:
        if dry_run:
            return waiting(self.connection, position.until, position.at.generation), []
        whole = mine.whole
        if not whole and self._should_begin_anew(folder, mine.id, position, now_ms):
            mine = own(self.connection, folder, mine.id, now_ms, whole=True)
            position = replace(mine.position, name=position.name, read=position.read, names=position.names)
            whole = True
        giving = Giving(self.connection, folder, mine.id, position)
        giving.give(before, now_ms, whole=whole)
        if mine.stale and not whole:
            folder.drop(mine.id, but=giving.position.at.generation)
        return giving.went, giving.notices

    def _should_begin_anew(self, folder: Folder, me: str, position: Position, now_ms: int) -> bool:
        """Once a day at most for the number of files: a large library may take that many by itself. Only a folder that
        is about to hold more names than a road lists does not wait for it."""
        files, files_max = position.at.n, folder.road.files_max
        if files >= files_max * CROWDED or self._is_wanted(folder, me):
            return True
        is_old = now_ms - int(position.at.generation[:12], 16) > PURGED_AGE_MS_MAX
        return is_old and (files >= files_max or self._purged_since(position.began))

    def _is_wanted(self, folder: Folder, me: str) -> bool:
        """Whether another laptop cannot read a file of ours, and it is broken indeed."""
        for laptop in folder.laptops():
            if laptop == me:
                continue
            try:
                payload = folder.state(laptop)
                at = decode(payload).wants.get(me) if payload else None
            except UnreadError:
                continue
            if at is not None and at in folder.chain(me) and self._is_broken(folder, me, at):
                return True
        return False

    def _is_broken(self, folder: Folder, me: str, at: At) -> bool:
        """Contents beside it that are, are written once more."""
        try:
            segment = decode_segment(folder.read(me, at))
        except UnreadError:
            return True
        beside = [sha256 for sha256 in wanted(segment.deltas) if sha256 not in segment.contents]
        return not all(self._holds(folder, me, sha256) or self._mend(folder, me, sha256) for sha256 in beside)

    @staticmethod
    def _holds(folder: Folder, me: str, sha256: str) -> bool:
        try:
            return digest_of(folder.blob(me, sha256)) == sha256
        except UnreadError:
            return False

    def _mend(self, folder: Folder, me: str, sha256: str) -> bool:
        """False where it was deleted for good here since."""
        folder.drop_blob(me, sha256)
        if not self.connection.execute("SELECT 1 FROM blob WHERE sha256 = ?", (sha256,)).fetchone():
            return False
        folder.write_blob(me, sha256, blobs.get(self.connection, sha256))
        return True

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


def _laptops(taking: Taking) -> tuple[Laptop, ...]:
    names = taking.position.names
    return tuple(
        Laptop(it, names.get(it, it[:8]), taking.waiting(it), taking.waits[it][1] if it in taking.waits else "")
        for it in taking.chains
    )
