"""The library of one profile: what tools and the session talk to. Each method is one change, or joins yours."""

import difflib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.library import (
    agenda,
    artifacts,
    blobs,
    exporting,
    finding,
    importing,
    provenance,
    rows,
    search,
    sources,
    timers,
)  # fmt: skip
from agent.library.artifacts import Origin
from agent.library.errors import NoTextError
from agent.library.finding import Finding
from agent.library.timers import Timer
from agent.protocol.records import Artifact, Version
from agent.store.files import write_whole
from agent.store.matching import searchable
from agent.store.texts import storable
from agent.store.transaction import transaction

CARRYON, YOU = "carryon", "you"
FILE = "file"  # the kind of what is no text
LISTED_MAX = 50
EXPORTED_MAX = 1_000_000


class Library:
    """For one thread. `clock()` is unix seconds."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        self.read_before: tuple[str, ...] = ()  # by whoever writes here, of what nobody here wrote

    # Artifacts and versions

    def create(
        self, kind: str, title: str, text: str = "", *, content: bytes | None = None,
        data: Mapping[str, Any] | None = None, author: str = CARRYON, conversation_id: str | None = None,
        note: str = "",
    ) -> Artifact:  # fmt: skip
        """`content` instead of `text` for what is no text. Without a title the first line is taken."""
        body = storable(text).encode() if content is None else content
        with transaction(self._connection):
            origin = Origin(author, self._now, conversation_id, note, self.read_before)
            return self.get(artifacts.create(self._connection, kind, title, body, data or {}, origin))

    def save(
        self, artifact_id: str, text: str, *, title: str | None = None, based_on: int | None = None,
        author: str = CARRYON, conversation_id: str | None = None, note: str = "",
    ) -> Artifact:  # fmt: skip
        """A new version; none when the text is the same. `based_on` an older version joins both courses: see the
        version's note."""
        with transaction(self._connection):
            self._refuse_over_file(artifact_id)
            origin = Origin(author, self._now, conversation_id, note, self.read_before)
            artifacts.save(self._connection, artifact_id, storable(text), based_on, origin)
            if title is not None:
                self.rename(artifact_id, title)
            return self.get(artifact_id)

    def append(
        self, artifact_id: str, text: str, *, author: str = CARRYON, conversation_id: str | None = None
    ) -> Artifact:
        """On a line of its own."""
        with transaction(self._connection):
            self._refuse_over_file(artifact_id)
            before = self.text(artifact_id)
            glue = "" if not before or before.endswith("\n") else "\n"
            return self.save(artifact_id, before + glue + text, author=author, conversation_id=conversation_id)

    def _refuse_over_file(self, artifact_id: str) -> None:
        """A picture or a sound holds bytes: words in their place would be no version of it."""
        if self.get(artifact_id).kind == FILE or not blobs.is_text(self.content(artifact_id)):
            raise NoTextError(
                "This is no text, so none is written over it.", self.get(artifact_id).title, "Make a note of the words."
            )

    def get(self, artifact_id: str) -> Artifact:
        return rows.get(self._connection, artifact_id)

    def text(self, artifact_id: str, n: int | None = None) -> str:
        """Of version n, or of the newest; "" when it is no text."""
        return artifacts.as_text(self._connection, artifacts.version(self._connection, artifact_id, n))

    def content(self, artifact_id: str, n: int | None = None) -> bytes:
        return blobs.get(self._connection, artifacts.version(self._connection, artifact_id, n).sha256)

    def versions(self, artifact_id: str) -> tuple[Version, ...]:
        """Newest first."""
        self.get(artifact_id)
        return artifacts.versions(self._connection, artifact_id)

    def diff(self, artifact_id: str, older: int, newer: int) -> str:
        """Unified, with three lines around."""
        before, after = (self.text(artifact_id, n).splitlines() for n in (older, newer))
        names = f"version {older}", f"version {newer}"
        return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))

    def restore(self, artifact_id: str, n: int, *, author: str = YOU) -> Artifact:
        """Version n again, as a new version; nothing in between is lost."""
        with transaction(self._connection):
            wanted = artifacts.version(self._connection, artifact_id, n)
            if artifacts.version(self._connection, artifact_id, None).sha256 != wanted.sha256:
                origin = Origin(author, self._now, None, f"restored from version {n}")
                content = blobs.get(self._connection, wanted.sha256)
                number = artifacts.next_number(self._connection, artifact_id)
                artifacts.add_version(self._connection, artifact_id, number, content, origin, base=n)
            return self.get(artifact_id)

    def rename(self, artifact_id: str, title: str) -> Artifact:
        with transaction(self._connection):
            artifacts.rename(self._connection, artifact_id, title, self._now)
            renamed = self.get(artifact_id)
            sources.note(self._connection, artifact_id, renamed.head, self.read_before)
            return renamed

    def tag(self, artifact_id: str, tags: Iterable[str]) -> Artifact:
        """These tags from now on."""
        with transaction(self._connection):
            artifacts.tag(self._connection, artifact_id, tags)
            return self.get(artifact_id)

    def tags(self) -> tuple[tuple[str, int], ...]:
        """Every tag with the number of artifacts that have it, most used first."""
        found = self._connection.execute(
            "SELECT value, count(*) AS uses FROM artifact, json_each(artifact.tags) WHERE trashed_at IS NULL"
            " GROUP BY value ORDER BY uses DESC, value"
        )
        return tuple((row[0], row[1]) for row in found.fetchall())

    def trash(self, artifact_id: str) -> Artifact:
        with transaction(self._connection):
            artifacts.set_trashed(self._connection, artifact_id, self._now)
            return self.get(artifact_id)

    def untrash(self, artifact_id: str) -> Artifact:
        with transaction(self._connection):
            artifacts.set_trashed(self._connection, artifact_id, None)
            return self.get(artifact_id)

    def purge(self, artifact_id: str) -> None:
        """For good, with all versions."""
        with transaction(self._connection):
            self.get(artifact_id)
            artifacts.purge(self._connection, artifact_id)

    # Finding

    def list(
        self, *, kind: str = "", tag: str = "", trashed: bool = False, limit: int = LISTED_MAX
    ) -> tuple[Artifact, ...]:
        """Newest first, with the beginning of the text as snippet."""
        return search.listed(self._connection, kind=kind, tag=tag, trashed=trashed, limit=limit)

    def search(
        self, query: str = "", *, kind: str = "", tag: str = "", trashed: bool = False, limit: int = LISTED_MAX
    ) -> tuple[Artifact, ...]:
        """Best first, with the found words marked ** in the snippet. Whatever is typed is words, never syntax."""
        asked = searchable(query)
        if not asked:
            return self.list(kind=kind, tag=tag, trashed=trashed, limit=limit)
        return search.search(self._connection, asked, kind=kind, tag=tag, trashed=trashed, limit=limit)

    def find_by_title(self, title: str, *, kinds: Sequence[str] = (), without: Sequence[str] = ()) -> Finding:
        """`without`: ids of those that are not meant."""
        return finding.find_by_title(self._connection, searchable(title), kinds, without)

    def titles(self, limit: int) -> tuple[str, ...]:
        """Of notes, documents and open tasks, newest first: what a person may name."""
        return finding.titles(self._connection, limit)

    def sources(self, artifact_ids: Iterable[str]) -> tuple[str, ...]:
        """What of these nobody here wrote, in words: "the page https://example.org"."""
        return sources.of(self._connection, artifact_ids)

    def made_in(self, conversation_id: str) -> tuple[Artifact, ...]:
        return provenance.made_in(self._connection, conversation_id)

    # Tasks, events, timers

    def add_task(
        self, title: str, *, said: str = "", due_at: int | None = None, author: str = CARRYON,
        conversation_id: str | None = None,
    ) -> Artifact:  # fmt: skip
        with transaction(self._connection):
            made = self.create("task", title, author=author, conversation_id=conversation_id)
            agenda.add_task(self._connection, made.id, said, due_at)
            return self.get(made.id)

    def set_due(self, artifact_id: str, *, said: str = "", due_at: int | None = None) -> Artifact:
        with transaction(self._connection):
            agenda.set_due(self._connection, artifact_id, said, due_at)
            return self.get(artifact_id)

    def tasks(
        self, *, since: int | None = None, until: int | None = None, done: bool | None = False
    ) -> tuple[Artifact, ...]:
        """Due in [since, until), soonest first; `done` None: both."""
        return agenda.tasks(self._connection, since, until, done)

    def mark_task(self, artifact_id: str, *, done: bool = True) -> Artifact:
        with transaction(self._connection):
            agenda.mark(self._connection, artifact_id, self._now if done else None)
            return self.get(artifact_id)

    def add_event(
        self, title: str, starts_at: int, ends_at: int, *, all_day: bool = False, said: str = "", zone: str = "UTC",
        author: str = CARRYON, conversation_id: str | None = None,
    ) -> Artifact:  # fmt: skip
        """`zone`: the IANA zone in which an all-day event's days are meant."""
        with transaction(self._connection):
            made = self.create("event", title, author=author, conversation_id=conversation_id)
            agenda.add_event(self._connection, made.id, starts_at, max(starts_at, ends_at), all_day, said, zone)
            return self.get(made.id)

    def move_event(
        self, artifact_id: str, starts_at: int, ends_at: int, *, all_day: bool = False, said: str = "",
        zone: str = "UTC",
    ) -> Artifact:  # fmt: skip
        with transaction(self._connection):
            agenda.move_event(self._connection, artifact_id, starts_at, max(starts_at, ends_at), all_day, said, zone)
            return self.get(artifact_id)

    def events(self, since: int | None = None, until: int | None = None) -> tuple[Artifact, ...]:
        """That overlap [since, until), earliest first."""
        return agenda.events(self._connection, since, until)

    def add_timer(self, label: str, rings_at: int, *, conversation_id: str | None = None) -> Timer:
        with transaction(self._connection):
            return timers.add(self._connection, artifacts.tidy(label), rings_at, self._now, conversation_id)

    def due_timers(self) -> tuple[Timer, ...]:
        return timers.due(self._connection, self._now)

    def waiting_timers(self) -> tuple[Timer, ...]:
        """Soonest first."""
        return timers.waiting(self._connection)

    def timer_rang(self, timer_id: str) -> bool:
        """True for the one caller who may ring it."""
        with transaction(self._connection):
            return timers.rang(self._connection, timer_id, self._now)

    def restart_timer(self, timer: Timer) -> None:
        """One that was cancelled runs on as before."""
        with transaction(self._connection):
            timers.put_back(self._connection, timer)

    def cancel_timer(self, timer_id: str) -> None:
        with transaction(self._connection):
            timers.cancel(self._connection, timer_id)

    # In and out

    def import_file(self, path: Path, *, conversation_id: str | None = None) -> Artifact:
        """A text becomes a document, anything else is kept as a file."""
        incoming = importing.read(path)
        with transaction(self._connection):
            made = self.create(
                incoming.kind, incoming.title, content=incoming.content, author=YOU, conversation_id=conversation_id,
                data={"name": incoming.name, "media_type": incoming.media_type}, note=f"imported from {incoming.name}",
            )  # fmt: skip
            sources.note(self._connection, made.id, made.head, (f"the file {incoming.name}",))
            return made

    def export(self, artifact_id: str, path: Path, *, n: int | None = None) -> None:
        """The bytes as they are."""
        write_whole(path, self.content(artifact_id, n))

    def export_all(self, path: Path, *, history: bool = False) -> None:
        """Everything that is not in the trash, as a zip with an index."""
        entries = ((artifact, self.versions(artifact.id)) for artifact in self.list(limit=EXPORTED_MAX))
        exporting.export_all(entries, self.content, path, history=history)

    def export_calendar(self, path: Path) -> None:
        """Events and tasks, as .ics."""
        from agent.library.calendar import as_ics

        write_whole(path, as_ics(self.events(), self.tasks(done=None)))

    @property
    def _now(self) -> int:
        return int(self._clock() * 1000)
