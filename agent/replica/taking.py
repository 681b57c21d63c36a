"""Reading what other laptops wrote: each chain in its order, and nothing before what its writer had read of others.

A file that is missing, half copied, changed or under another passphrase stops its chain, with words; everything before
it is taken, everything behind it waits. Each file is one transaction: a crash leaves it taken or not, and taking it
again changes nothing.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent.library import blobs
from agent.replica import hlc, trust
from agent.replica.applying import Applied, Road, apply
from agent.replica.errors import UnreadError
from agent.replica.folder import Folder
from agent.replica.pen import title_of
from agent.replica.position import Position, Read
from agent.replica.segment import At, Segment, decode, digest_of, wanted
from agent.store.transaction import transaction

NOTICES_MAX = 200
KEPT_EVERY = 20  # files; a connection that breaks off costs no more than these
DAY_MS = 86_400_000


@dataclass(slots=True)
class Taking:
    """`waits`: laptop to (the file that is not read, why, whether it is broken rather than late)."""

    connection: sqlite3.Connection
    folder: Folder
    me: str
    position: Position
    keep: Callable[[Position], None] = lambda _position: None  # how far it is, now and then
    taken: int = 0
    came: dict[str, str] = field(default_factory=dict)
    deleted: int = 0
    notices: dict[str, None] = field(default_factory=dict)
    waits: dict[str, tuple[At, str, bool]] = field(default_factory=dict)
    chains: dict[str, tuple[At, ...]] = field(default_factory=dict)

    def take_all(self) -> None:
        """Until nothing more can be read: what one chain brings may be what another waits for."""
        self.chains = {laptop: self.folder.chain(laptop) for laptop in self.folder.laptops() if laptop != self.me}
        for gone in set(self.position.read) - set(self.chains):
            self._told(f"The files of “{self.position.names.get(gone, gone[:8])}” are no longer in the folder.")
        self.position = replace(
            self.position, read={it: read for it, read in self.position.read.items() if it in self.chains}
        )
        while any(self._take_chain(laptop) for laptop in self.chains):
            pass

    @property
    def is_complete(self) -> bool:
        """Whether all that lies there has been read."""
        return not self.waits

    def waiting(self, laptop: str) -> int:
        read = self.position.read.get(laptop, Read())
        return sum(at > read.at for at in self.chains[laptop])

    def _take_chain(self, laptop: str) -> bool:
        """Whether anything was read."""
        taken = False
        self.waits.pop(laptop, None)
        while place := self._next(laptop):
            at, before = place
            try:
                self._take(laptop, at, before)
            except UnreadError as error:
                late = isinstance(error, LateError)
                self.waits[laptop] = (at, str(error), not late)
                break
            taken = True
        return taken

    def _next(self, laptop: str) -> tuple[At, str] | None:
        """The place to read next, and the digest of what must stand before it."""
        chain, read = self.chains[laptop], self.position.read.get(laptop, Read())
        fresh = [at.generation for at in chain if at.n == 1 and at.generation > read.at.generation]
        if fresh:
            return At(fresh[-1], 1), ""
        after = [at for at in chain if at > read.at]
        if not after:
            return None
        return At(read.at.generation or after[-1].generation, read.at.n + 1), read.digest

    def _take(self, laptop: str, at: At, before: str) -> None:
        if at not in self.chains[laptop]:
            raise LateError("a file before it is not there yet")
        payload = self.folder.read(laptop, at)
        segment = decode(payload)
        self._check(segment, laptop, at, before)
        contents = self._contents(laptop, segment)
        with transaction(self.connection):
            ahead = hlc.hear(self.connection, segment.header.hlc)
            applied = [apply(self.connection, it, contents.__getitem__, self._road) for it in segment.deltas]
            titles = {it.id: title_of(self.connection, it.id) or "" for it in segment.deltas}
        for delta, outcome in zip(segment.deltas, applied, strict=True):
            self._note(delta.id, titles[delta.id], outcome)
        if ahead:
            self._told(_ahead(segment.header.name, ahead))
        read = {**self.position.read, laptop: Read(at, digest_of(payload))}
        names = {**self.position.names, laptop: segment.header.name}
        self.position = replace(self.position, read=read, names=names)
        self.taken += 1
        if self.taken % KEPT_EVERY == 0:
            self.keep(self.position)

    def _check(self, segment: Segment, laptop: str, at: At, before: str) -> None:
        header = segment.header
        if header.replica != laptop or header.at != at:
            raise UnreadError("it stands in another's place")
        if header.before != before:
            raise UnreadError("it does not follow the file before it")
        if not 0 <= header.hlc < hlc.STAMP_MAX:
            raise UnreadError("its time is none")
        for other, needed in header.after.items():
            if other in self.chains and other != laptop and self.position.read.get(other, Read()).at < needed:
                raise LateError(
                    f"it follows what “{self.position.names.get(other, other[:8])}” wrote, which is not read yet"
                )

    def _contents(self, laptop: str, segment: Segment) -> dict[str, bytes]:
        contents = {}
        for sha256, size in wanted(segment.deltas).items():
            content = self._content(laptop, segment, sha256)
            if len(content) != size:
                raise UnreadError("a content in it has another size")
            contents[sha256] = content
        return contents

    def _content(self, laptop: str, segment: Segment, sha256: str) -> bytes:
        if sha256 in segment.contents:
            return segment.contents[sha256]
        if self.connection.execute("SELECT 1 FROM blob WHERE sha256 = ?", (sha256,)).fetchone():
            return blobs.get(self.connection, sha256)
        content = self.folder.blob(laptop, sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise UnreadError("a content beside it was changed")
        return content

    def _note(self, artifact_id: str, title: str, applied: Applied) -> None:
        self.deleted += applied.purged
        if applied.changed and not applied.purged:
            self.came[artifact_id] = title
        if applied.notice:
            self._told(applied.notice)

    def _told(self, notice: str) -> None:
        if len(self.notices) < NOTICES_MAX:
            self.notices[notice] = None

    @property
    def _road(self) -> Road:
        open_one = trust.marked(self.folder.road.name) if self.folder.seal.is_open else ""
        return Road(self.position.at.generation, open_one)


class LateError(UnreadError):
    """Nothing is wrong with it; something else has not come yet."""


def _ahead(name: str, ahead_ms: int) -> str:
    days = round(ahead_ms / DAY_MS)
    return f"The clock of “{name}” is {days} days ahead. What it wrote has come; this laptop's times do not follow it."
