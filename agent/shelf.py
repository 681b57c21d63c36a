"""The library as the outbox sees it at delivery: versions by number, with words for what is no longer there.

Used in the dispatcher's threads, so each question opens the database for itself.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from agent.library import Library
from agent.library.errors import NoArtifactError
from agent.protocol.records import Version
from sync.transports.attached import Edition
from sync.transports.outcomes import RejectedError

LINES_MAX = 40  # of a difference


class LibraryShelf:
    """`open_connection` gives a new one, which is closed after each question."""

    def __init__(self, open_connection: Callable[[], sqlite3.Connection], clock: Callable[[], float]) -> None:
        self._open = open_connection
        self._clock = clock

    def newest(self, artifact: str) -> Edition:
        return _edition(self._versions(artifact)[0])

    def edition(self, artifact: str, n: int) -> Edition:
        found = next((version for version in self._versions(artifact) if version.n == n), None)
        if found is None:
            raise RejectedError(f"Version {n} is no longer in the library.", artifact, "Attach it anew.")
        return _edition(found)

    def content(self, artifact: str, n: int) -> bytes:
        with closing(self._open()) as connection:
            try:
                return Library(connection, self._clock).content(artifact, n)
            except NoArtifactError as error:
                raise _gone(artifact) from error

    def difference(self, artifact: str, older: int, newer: int) -> str:
        with closing(self._open()) as connection:
            try:
                lines = Library(connection, self._clock).diff(artifact, older, newer).splitlines()[2:]
            except NoArtifactError:
                return ""
        return "\n".join([*lines[:LINES_MAX], *(["…"] if len(lines) > LINES_MAX else [])])

    def _versions(self, artifact: str) -> tuple[Version, ...]:
        with closing(self._open()) as connection:
            library = Library(connection, self._clock)
            try:
                work = library.get(artifact)
                found = library.versions(artifact)
            except NoArtifactError as error:
                raise _gone(artifact) from error
        if work.trashed_at is not None:
            raise RejectedError(
                f"“{work.title}” is in the trash.", "attachment", "Take it out of the trash, or send it without."
            )
        return found


def _edition(version: Version) -> Edition:
    return Edition(version.n, version.created_at, version.size_bytes)


def _gone(artifact: str) -> RejectedError:
    return RejectedError(
        "What was to go with it has been deleted for good.", f"attachment {artifact}", "Send it without, or cancel it."
    )
