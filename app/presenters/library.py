"""The library: the list of works, and the one in hand with its versions and differences."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from agent.protocol.records import Artifact, Version
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import one_line, size, when

KINDS = ("note", "document", "task", "event", "page", "file")
KIND_WORDS = {"note": "Notes", "document": "Documents", "task": "Tasks", "event": "Events", "page": "Pages",
              "file": "Files"}  # fmt: skip
KIND_ICONS = {
    "note": "note",
    "document": "file",
    "task": "task",
    "event": "calendar",
    "page": "globe",
    "file": "folder",
}


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    id: str
    icon: str
    title: str
    about: str
    snippet: str
    is_task: bool
    done: bool
    trashed: bool
    current: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    n: int
    title: str  # "Version 3"
    about: str  # "you · 14:02 · 1.2 KB"
    newest: bool


class LibraryPresenter(AreaPresenter):
    """Parts that change: "rows", "opened" (another text in hand), "saved", "versions", "diff", "closed"."""

    area = "library"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.query, self.kind, self.tag, self.trashed = "", "", "", False
        self._found: tuple[Artifact, ...] = ()
        self.tags: tuple[str, ...] = ()
        self.artifact: Artifact | None = None
        self.version: Version | None = None
        self.text = ""
        self.versions: tuple[Version, ...] = ()
        self.diff = ""
        self.diff_title = ""
        self.edited_text: str | None = None  # what is in the editor and not saved yet
        self.edited_title = ""  # of the one in hand, where it was changed and not saved yet
        self.composing = False  # a note that does not exist yet
        self._asked_list = ""
        self._saving: dict[str, commands.SaveArtifact] = {}  # until the core says that they are stored
        self._refused: list[commands.SaveArtifact] = []  # could not be stored; tried again with the next question

    def handlers(self) -> Handlers:
        return {
            events.ArtifactsListed: self._listed,
            events.ArtifactOpened: self._opened,
            events.ArtifactSaved: self._saved,
            events.ArtifactDiffed: self._diffed,
            events.Failed: self._failed,
            events.ProfileUnavailable: self._failed,
        }

    # The list

    @property
    def rows(self) -> tuple[ArtifactRow, ...]:
        now = self.now_ms()
        return tuple(self._row(found, now) for found in self._found)

    def refresh(self) -> None:
        command = commands.ListArtifacts(query=self.query, kind=self.kind, tag=self.tag, trashed=self.trashed)
        self._asked_list = command.id
        again, self._refused = self._refused, []
        for refused in again:
            self._save(refused)
        self._submit(command)

    def search(self, query: str) -> None:
        self.query = query
        self.refresh()

    def filter_kind(self, kind: str) -> None:
        self.kind = kind
        self.refresh()

    def filter_tag(self, tag: str) -> None:
        self.tag = tag
        self.refresh()

    def show_trash(self, trashed: bool) -> None:
        self.trashed = trashed
        self.refresh()

    def mark_done(self, artifact_id: str, *, done: bool) -> None:
        self._submit(commands.MarkTask(artifact_id=artifact_id, done=done))

    def import_files(self, paths: tuple[str, ...]) -> None:
        if paths:
            self._submit(commands.ImportFiles(paths=paths))

    def export_all(self, path: str) -> None:
        self._submit(commands.ExportArtifact(artifact_id="", path=path))

    def export_calendar(self, path: str) -> None:
        self._submit(commands.ExportArtifact(artifact_id="calendar", path=path))

    # The one in hand

    def open(self, artifact_id: str, version: int | None = None) -> None:
        self.keep_edits()
        self._submit(commands.OpenArtifact(artifact_id=artifact_id, version=version))

    def begin_note(self) -> None:
        self.keep_edits()
        self.artifact, self.version, self.text, self.versions = None, None, "", ()
        self.edited_text, self.edited_title, self.composing, self.diff = None, "", True, ""
        self._changed("opened")

    def edited(self, text: str) -> None:
        self.edited_text = text if text != self.text else None

    def titled(self, title: str) -> None:
        self.edited_title = "" if self.artifact and title == self.artifact.title else title.strip()

    @property
    def is_edited(self) -> bool:
        return self.edited_text is not None

    def save(self, title: str, text: str) -> None:
        command = commands.SaveArtifact(
            artifact_id=self.artifact.id if self.artifact else None,
            title=title.strip() or one_line(text, 60) or "Untitled",
            text=text,
            based_on=self.version.n if self.version else None,
        )
        self.edited_text, self.edited_title = None, ""
        self._save(command)

    def _save(self, command: commands.SaveArtifact) -> None:
        self._saving[command.id] = command
        self._submit(command)

    def unsaved(self) -> tuple[str, ...]:
        """Every text that was written here and is not known to be stored."""
        texts = [command.text for command in (*self._refused, *self._saving.values())]
        return tuple(texts if self.edited_text is None else [*texts, self.edited_text])

    def keep_edits(self) -> None:
        """Going elsewhere never throws work away: what was typed becomes a version."""
        text = self.text if self.edited_text is None else self.edited_text
        if (self.edited_text is not None or self.edited_title) and (self.artifact or text.strip() or self.edited_title):
            self.save(self.edited_title or (self.artifact.title if self.artifact else ""), text)
        self.composing = False

    def tag_with(self, tags: tuple[str, ...]) -> None:
        if self.artifact:
            self._submit(commands.TagArtifact(artifact_id=self.artifact.id, tags=tags))

    def compare(self, older: int, newer: int) -> None:
        if self.artifact and older != newer:
            first, second = sorted((older, newer))
            self._submit(commands.DiffArtifact(artifact_id=self.artifact.id, older=first, newer=second))

    def restore(self, version: int) -> None:
        if self.artifact:
            self._submit(commands.RestoreArtifact(artifact_id=self.artifact.id, version=version))

    def export(self, path: str) -> None:
        if self.artifact:
            self._submit(commands.ExportArtifact(artifact_id=self.artifact.id, path=path))

    def trash(self) -> None:
        if self.artifact:
            self.keep_edits()
            restore = self.artifact.trashed_at is not None
            self._submit(commands.TrashArtifact(artifact_id=self.artifact.id, restore=restore))
            self.artifact, self.version, self.text, self.versions = None, None, "", ()
            self._changed("closed")

    @property
    def version_rows(self) -> tuple[VersionRow, ...]:
        now = self.now_ms()
        head = self.artifact.head if self.artifact else 0
        return tuple(_version_row(version, now, head) for version in self.versions)

    # What happened

    def _listed(self, event: events.ArtifactsListed) -> None:
        if event.cause and self._asked_list and event.cause != self._asked_list:
            return
        self._found = event.artifacts
        self._follow(event.artifacts)
        if not self.tag:
            self.tags = tuple(sorted({tag for found in event.artifacts for tag in found.tags}))
        self._changed("rows")

    def _follow(self, found: tuple[Artifact, ...]) -> None:
        """A newer version of what is in hand came from elsewhere: show it, unless the user is writing."""
        held, shown = self.artifact, self.version
        if held is None or shown is None or self.is_edited or shown.n != held.head:
            return
        if any(other.id == held.id and other.head > held.head for other in found):
            self._submit(commands.OpenArtifact(artifact_id=held.id))

    def _opened(self, event: events.ArtifactOpened) -> None:
        self.artifact, self.version, self.text = event.artifact, event.version, event.text
        self.versions, self.diff = event.versions, ""
        self.edited_text, self.edited_title, self.composing = None, "", False
        self._changed("opened")
        self._changed("rows")

    def _saved(self, event: events.ArtifactSaved) -> None:
        asked = self._saving.pop(event.cause, None)
        if asked and (self.composing or (self.artifact and self.artifact.id == event.artifact.id)):
            self.artifact, self.version, self.text = event.artifact, event.version, asked.text
            self.versions = (event.version, *(v for v in self.versions if v.n != event.version.n))
            self.composing = False
            self._changed("saved")
            self._changed("rows")

    def _failed(self, event: events.Failed | events.ProfileUnavailable) -> None:
        """What could not be stored is edited text again where it is still in hand; else it waits to be tried anew."""
        asked = self._saving.pop(event.cause, None)
        if asked is None:
            return
        in_hand = self.composing if asked.artifact_id is None else self._holds(asked.artifact_id)
        if in_hand and not self.is_edited:
            self.edited_text = asked.text
            self._changed("saved")
        else:
            self._refused.append(asked)

    def _holds(self, artifact_id: str) -> bool:
        return self.artifact is not None and self.artifact.id == artifact_id

    def _diffed(self, event: events.ArtifactDiffed) -> None:
        if self.artifact and event.artifact_id == self.artifact.id:
            self.diff = event.diff
            self.diff_title = f"From version {event.older} to version {event.newer}"
            self._changed("diff")

    def _row(self, found: Artifact, now: int) -> ArtifactRow:
        return ArtifactRow(
            id=found.id,
            icon=KIND_ICONS.get(found.kind, "file"),
            title=one_line(found.title) or "Untitled",
            about=_about(found, now),
            snippet=one_line(found.snippet, 120),
            is_task=found.kind == "task",
            done=bool(found.data.get("done")),
            trashed=found.trashed_at is not None,
            current=bool(self.artifact and self.artifact.id == found.id),
        )


def _about(found: Artifact, now: int) -> str:
    parts = [KIND_WORDS.get(found.kind, found.kind).removesuffix("s")]
    data = found.data
    if due := _ms(data.get("due_at", data.get("due"))):
        parts.append(f"due {when(due, now).removesuffix(' 00:00')}")  # midnight: a day without an hour
    elif starts := _ms(data.get("starts_at")):
        parts.append(when(starts, now))
    else:
        parts.append(when(found.updated_at, now))
    if found.head > 1:
        parts.append(f"version {found.head}")
    parts += [f"#{tag}" for tag in found.tags[:3]]
    return " · ".join(parts)


def _ms(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _version_row(version: Version, now: int, head: int) -> VersionRow:
    author = "you" if version.author == "you" else "Carryon"
    about = [author, when(version.created_at, now), size(version.size_bytes)]
    if version.note:
        about.append(version.note)
    return VersionRow(version.n, f"Version {version.n}", " · ".join(about), version.n == head)
