"""Writing what the folder does not know yet: files of this laptop alone, each whole or not there.

The state is written last. A crash before it leaves files that the next exchange finds and counts in.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.library import blobs
from agent.replica import identity
from agent.replica.delta import Delta, can_be_told
from agent.replica.folder import Folder
from agent.replica.pen import title_of
from agent.replica.position import Position, encode
from agent.replica.reading import Piece, changes, newest_seq
from agent.replica.segment import INLINE_BYTES_MAX, At, Header, Segment, digest_of, pack, text_of, wanted

NONE = "-"  # no folder's name
TEXT_BYTES_MAX = 48 * 1024 * 1024  # of one file; less than what is read
NOTICES_MAX = 50
STATE_AGE_MS_MAX = 86_400_000  # so that others see who is still about


@dataclass(slots=True)
class Giving:
    """`went`: how many pieces of work were told; `notices`: of what could not be."""

    connection: sqlite3.Connection
    folder: Folder
    me: str
    position: Position
    went: int = 0
    notices: list[str] = field(default_factory=list)

    def give(self, before: Position, now_ms: int, *, whole: bool) -> None:
        """`before`: the position as the folder knows it."""
        newest = newest_seq(self.connection)
        token = ""
        told: set[str] = set()
        for piece in changes(self.connection, self.position.until, NONE if whole else self.position.at.generation):
            token = token or identity.mark(self.connection, self.position.at)
            fitting = replace(piece, deltas=tuple(delta for delta in piece.deltas if self._fits(delta)))
            self._write(fitting, token, {} if whole else self._after)
            told.update(delta.id for delta in fitting.deltas)
        self.went = len(told)
        self.position = replace(self.position, until=max(self.position.until, newest))
        if self._is_told(before, now_ms):
            return
        token = token or identity.mark(self.connection, self.position.at)
        self.position = replace(self.position, token=token, written_at=now_ms)
        self.folder.write_state(self.me, encode(self.position))
        identity.confirm(self.connection, token, self.position.at)
        if whole:
            self._drop_old()

    def _is_told(self, before: Position, now_ms: int) -> bool:
        """Nothing happened that others would want to know; a state for its own sake would wake them."""
        same = replace(self.position, until=0, written_at=0) == replace(before, until=0, written_at=0)
        return same and bool(before.token) and now_ms - before.written_at < STATE_AGE_MS_MAX

    @property
    def _after(self) -> Mapping[str, At]:
        """What must be read before. Nothing, for the files of a new generation: together they hold all that it takes,
        and another laptop's files may wait for the very ones that they replace."""
        return {laptop: read.at for laptop, read in self.position.read.items()}

    def _fits(self, delta: Delta) -> bool:
        """One that no laptop would take must not keep the others from being taken."""
        if can_be_told(delta):
            return True
        if len(self.notices) < NOTICES_MAX:
            title = title_of(self.connection, delta.id) or delta.id
            self.notices.append(f"“{title}” stays on this laptop only: it holds something too large or not readable.")
        return False

    def _write(self, piece: Piece, token: str, after: Mapping[str, At]) -> None:
        at = At(self.position.at.generation, self.position.at.n + 1)
        clock = self.connection.execute("SELECT hlc FROM replica").fetchone()[0]
        header = Header(
            self.me, at, self.position.digest, after, piece.until, token, clock, self.position.name
        )  # fmt: skip
        text = text_of(Segment(header, self._contents(piece.deltas), piece.deltas))
        if len(text) > TEXT_BYTES_MAX and len(piece.deltas) > 1:
            half = len(piece.deltas) // 2
            self._write(Piece(piece.deltas[:half], self.position.until), token, after)
            self._write(Piece(piece.deltas[half:], piece.until), token, after)
            return
        payload = pack(text)
        self.folder.write(self.me, at, payload)
        self.position = replace(self.position, at=at, digest=digest_of(payload), until=piece.until)

    def _contents(self, deltas: tuple[Delta, ...]) -> Mapping[str, bytes]:
        """Small ones go along; large ones are files of their own, there before the file that names them."""
        inline = {}
        for sha256, size in wanted(deltas).items():
            content = blobs.get(self.connection, sha256)
            if size <= INLINE_BYTES_MAX:
                inline[sha256] = content
            else:
                self.folder.write_blob(self.me, sha256, content)
        return inline

    def _drop_old(self) -> None:
        self.folder.drop(self.me, but=self.position.at.generation)
        large = "SELECT DISTINCT sha256 FROM artifact_version WHERE size_bytes > ?"
        kept = self.connection.execute(large, (INLINE_BYTES_MAX,)).fetchall()
        self.folder.drop_blobs(self.me, {row[0] for row in kept})
