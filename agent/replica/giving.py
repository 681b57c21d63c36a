"""Writing what the folder does not know yet: files of this laptop alone, each whole or not there.

The state is written last. A crash before it leaves files that the next exchange finds and counts in.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.library import blobs
from agent.replica import identity
from agent.replica.delta import Delta
from agent.replica.folder import Folder
from agent.replica.position import Position, encode
from agent.replica.reading import Piece, changes, newest_seq
from agent.replica.segment import INLINE_BYTES_MAX, At, Header, Segment, digest_of, wanted
from agent.replica.segment import encode as encode_segment

NONE = "-"  # no folder's name
STATE_AGE_MS_MAX = 86_400_000  # so that others see who is still about


@dataclass(slots=True)
class Giving:
    """`went`: how many pieces of work were told."""

    connection: sqlite3.Connection
    folder: Folder
    me: str
    position: Position
    went: int = 0

    def give(self, before: Position, now_ms: int, *, whole: bool) -> None:
        """`before`: the position as the folder knows it."""
        newest = newest_seq(self.connection)
        token = ""
        told: set[str] = set()
        for piece in changes(self.connection, self.position.until, NONE if whole else self.position.at.generation):
            token = token or identity.mark(self.connection, self.position.at)
            self._write(piece, token, {} if whole else self._after)
            told.update(delta.id for delta in piece.deltas)
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

    def _write(self, piece: Piece, token: str, after: Mapping[str, At]) -> None:
        at = At(self.position.at.generation, self.position.at.n + 1)
        clock = self.connection.execute("SELECT hlc FROM replica").fetchone()[0]
        header = Header(
            self.me, at, self.position.digest, after, piece.until, token, clock, self.position.name
        )  # fmt: skip
        payload = encode_segment(Segment(header, self._contents(piece.deltas), piece.deltas))
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
