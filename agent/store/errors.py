"""What can go wrong with the profile's database. Each is still an `sqlite3` error, for callers that know only those.

BrokenError
├── DiskFullError        the disk did not take a change; what was there before is whole
├── DatabaseBusyError    another process held the file for too long
├── DatabaseDamagedError the file is not what SQLite wrote; it is kept as it is
├── NewerDatabaseError   a newer Carryon wrote the file; it is open for reading
├── NotWritableError     the system does not let us write the file; it is open for reading where it can be
└── RolledBackError      the database gave up the change that this step belonged to
BadRequestError
└── FileNotWrittenError  an export, import or copy that the system refused
"""

import errno
import sqlite3
from pathlib import Path

from agent.errors import BadRequestError, BrokenError, CarryonError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
PRIMARY = 0xFF  # SQLite's extended result codes keep the plain one in the lowest byte


class DiskFullError(BrokenError, sqlite3.OperationalError):
    """The disk is full: the change was not stored. Everything stored before is whole."""


class DatabaseBusyError(BrokenError, sqlite3.OperationalError):
    """Another Carryon kept the profile busy for too long; nothing was changed."""


class DatabaseDamagedError(BrokenError, sqlite3.DatabaseError):
    """The profile's database is damaged. The file is kept as it is."""


class NewerDatabaseError(BrokenError, sqlite3.OperationalError):
    """This profile was written by a newer Carryon. It is open for reading; nothing in it was changed."""


class RolledBackError(BrokenError, sqlite3.OperationalError):
    """The database took back the whole change that this step belonged to."""


class FileNotWrittenError(BadRequestError):
    """The file could not be written."""


class NotWritableError(BrokenError, sqlite3.OperationalError):
    """The profile's database cannot be opened for writing; nothing was changed."""


DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
BY_CODE: dict[int, type[DiskFullError] | type[DatabaseBusyError] | type[NotWritableError]] = {
    sqlite3.SQLITE_FULL: DiskFullError,
    sqlite3.SQLITE_BUSY: DatabaseBusyError,
    sqlite3.SQLITE_LOCKED: DatabaseBusyError,
    sqlite3.SQLITE_READONLY: NotWritableError,
    sqlite3.SQLITE_CANTOPEN: NotWritableError,
    sqlite3.SQLITE_PERM: NotWritableError,
}
TODO: dict[type[sqlite3.Error], str] = {
    DiskFullError: "Free some space on that disk and try again.",
    DatabaseBusyError: "Try again; if it stays, close other Carryon windows.",
    NotWritableError: "Check that the folder and the file belong to you and can be written.",
}


def in_words(error: sqlite3.Error | UnicodeDecodeError, path: Path, read_only: BrokenError | None = None) -> Exception:
    """The same error with words where a person can do something about it; any other comes back as it is. `read_only`:
    why the file is open for reading alone."""
    if isinstance(error, UnicodeDecodeError) or "Could not decode to UTF-8" in str(error):
        return damaged(path, "letters in it are none")
    if isinstance(error, CarryonError):
        return error
    if read_only:
        return read_only
    code = (getattr(error, "sqlite_errorcode", None) or 0) & PRIMARY
    if code in DAMAGED:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_IOERR:
        return DiskFullError(f"The disk did not do its part ({error}).", str(path), TODO[DiskFullError])
    worded = BY_CODE.get(code)
    return worded(where=str(path), todo=TODO[worded]) if worded else error


def newer_database(path: Path, unknown: tuple[str, ...]) -> NewerDatabaseError:
    todo = f"Update Carryon to write in it (this version does not know: {', '.join(unknown)})."
    return NewerDatabaseError(where=str(path), todo=todo)


def not_writable(error: OSError, path: Path) -> DiskFullError | NotWritableError:
    """Words for a database that the system does not let us write."""
    kind: type[DiskFullError] | type[NotWritableError] = DiskFullError if error.errno in NO_ROOM else NotWritableError
    return kind(where=str(path), todo=TODO[kind])


def damaged(path: Path, how: str) -> DatabaseDamagedError:
    """Names the newest backup, so that the way out stands in the message."""
    from agent.store.copies import backups_of, copies

    kept = copies(backups_of(path))
    if kept:
        todo = f"Run: carryon restore (newest backup: {kept[0].path.name}). The damaged file is kept beside it."
    else:
        todo = "There is no backup yet. Run: carryon doctor"
    return DatabaseDamagedError(
        f"The profile's database is damaged ({how}). Nothing in it was changed.", str(path), todo
    )


def file_not_written(error: OSError, path: Path) -> CarryonError:
    """Words for a file that the system refused to write."""
    if error.errno in NO_ROOM:
        return DiskFullError("The disk is full: the file was not written.", str(path), "Free some space and try again.")
    return FileNotWrittenError(
        f"The file could not be written: {error.strerror or error}.",
        str(path),
        "Choose a folder that you may write to.",
    )
