"""Where this laptop stands with a folder, and whether what lies there under its name is really its own.

Files that a crash left beyond the state are counted in. A database that is older than its folder (a backup was put
back, or a copy went on elsewhere) takes another id and reads everything anew. Where files of its own are missing or
broken, everything is written anew, as a new generation.
"""

import os
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from agent.replica import identity
from agent.replica.errors import PassphraseError, SealedOtherwiseError, UnreadError
from agent.replica.folder import Folder, has_state
from agent.replica.position import Position, decode
from agent.replica.reading import newest_seq
from agent.replica.road import Road
from agent.replica.segment import At, Header, digest_of
from agent.replica.segment import decode as decode_segment

OPENED_MAX = 3  # files that are tried


@dataclass(frozen=True, slots=True)
class Own:
    """`whole`: everything is to be written anew; `stale`: files that were replaced lie there (again)."""

    id: str
    position: Position
    whole: bool = False
    stale: bool = False


def own(connection: sqlite3.Connection, folder: Folder, laptop: str, now_ms: int, *, whole: bool = False) -> Own:
    chain = folder.chain(laptop)
    try:
        payload = folder.state(laptop)
        position = decode(payload) if payload is not None else None
    except SealedOtherwiseError as error:
        if not whole and not _opens(folder, laptop, chain):
            raise PassphraseError(
                "What this laptop wrote into the folder has another passphrase, or is broken.", folder.road.where,
                "Set the passphrase as it was, or write everything anew: carryon sync FOLDER --whole",
            ) from error  # fmt: skip
        position = None
    except UnreadError:
        position = None
    if position is None and not chain:
        return Own(laptop, _begin(connection, chain, now_ms), whole)
    if position is None:
        position = Position(at=At(chain[-1].generation, 0))
    return _checked(connection, folder, laptop, chain, position, now_ms, whole=whole)


def _checked(
    connection: sqlite3.Connection, folder: Folder, laptop: str, chain: tuple[At, ...], position: Position, now_ms: int,
    *, whole: bool,
) -> Own:  # fmt: skip
    generation = position.at.generation
    there = [at for at in chain if at.generation == generation]
    broken = False
    try:
        for at in (at for at in there if at > position.at):
            payload = folder.read(laptop, at)
            position = _went_on(position, decode_segment(payload).header, payload)
    except UnreadError:
        broken = True
    if position.token and not identity.knows(connection, position.token):
        return own(connection, folder, identity.renew(connection), now_ms)
    complete = [at.n for at in there] == list(range(1, position.at.n + 1))
    begun_anew = bool(chain) and chain[-1].generation > generation  # and not ended
    behind = identity.written(connection, generation) > position.at.n
    if whole or broken or begun_anew or behind or not complete:
        fresh = _begin(connection, chain, now_ms)
        return Own(laptop, replace(fresh, read=position.read, names=position.names), whole=True)
    return Own(laptop, position, stale=len(there) < len(chain))


def _opens(folder: Folder, laptop: str, chain: tuple[At, ...]) -> bool:
    """Whether the passphrase is that of the files, so that a state which cannot be read is only broken."""
    for at in chain[-OPENED_MAX:]:
        try:
            folder.read(laptop, at)
        except UnreadError:
            continue
        return True
    return False


def _went_on(position: Position, header: Header, payload: bytes) -> Position:
    return replace(position, at=header.at, digest=digest_of(payload), until=header.until, token=header.token)


def _begin(connection: sqlite3.Connection, chain: tuple[At, ...], now_ms: int) -> Position:
    """A generation that sorts after all there were, also where its files were deleted and a clock was ahead then."""
    known = [*(at.generation for at in chain), identity.newest_generation(connection)]
    last = max(int(generation[:12] or "0", 16) for generation in known)
    generation = f"{max(now_ms, last + 1):012x}{os.urandom(2).hex()}"
    return Position(at=At(generation, 0), began=newest_seq(connection))


def has_joined(connection: sqlite3.Connection, road: Road, database: Path) -> bool:
    """Whether this very profile wrote in the folder before. By the name of a file alone: no key is needed."""
    return identity.has_mark(connection) and has_state(road, identity.here(connection, database))
