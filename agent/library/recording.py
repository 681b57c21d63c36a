"""Taking back is recorded, never written by hand for a tool: a library that notes the inverse of each of its changes.

A step is plain data, so it can be kept with the call that made the change. What is taken back goes through such a
library too: the steps it notes then do it again. Nothing is deleted: what was made goes to the trash, what was changed
gets a version more. A name, a date or a tag goes back only while it is as the call left it (`after`): what the user
changed since keeps the newer value.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from agent.library.errors import NoArtifactError
from agent.library.library import CARRYON, LISTED_MAX, YOU, Library
from agent.library.timers import Timer
from agent.protocol.records import Artifact

Step = Mapping[str, Any]  # {"do": the name in DEEDS, and what it needs}
STEPS_MAX = 100  # of one call


class RecordedLibrary(Library):
    """A library for one call. `steps`: what takes its changes back, to be done last to first; it also knows what the
    call has read."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        super().__init__(connection, clock)
        self.steps: list[Step] = []
        self._read: set[str] = set()

    def brought(self) -> tuple[str, ...]:
        """What of all that was read here nobody here wrote, in words."""
        return self.sources(self._read)

    def text(self, artifact_id: str, n: int | None = None) -> str:
        self._read.add(artifact_id)
        return super().text(artifact_id, n)

    def search(
        self, query: str = "", *, kind: str = "", tag: str = "", trashed: bool = False, limit: int = LISTED_MAX
    ) -> tuple[Artifact, ...]:
        return self._seen(super().search(query, kind=kind, tag=tag, trashed=trashed, limit=limit))

    def list(
        self, *, kind: str = "", tag: str = "", trashed: bool = False, limit: int = LISTED_MAX
    ) -> tuple[Artifact, ...]:
        return self._seen(super().list(kind=kind, tag=tag, trashed=trashed, limit=limit))

    def tasks(
        self, *, since: int | None = None, until: int | None = None, done: bool | None = False
    ) -> tuple[Artifact, ...]:
        return self._seen(super().tasks(since=since, until=until, done=done))

    def events(self, since: int | None = None, until: int | None = None) -> tuple[Artifact, ...]:
        return self._seen(super().events(since, until))

    def create(
        self, kind: str, title: str, text: str = "", *, content: bytes | None = None,
        data: Mapping[str, Any] | None = None, author: str = CARRYON, conversation_id: str | None = None,
        note: str = "",
    ) -> Artifact:  # fmt: skip
        made = super().create(
            kind, title, text, content=content, data=data, author=author, conversation_id=conversation_id, note=note
        )
        return self._noted(made, do="trash", id=made.id)

    def save(
        self, artifact_id: str, text: str, *, title: str | None = None, based_on: int | None = None,
        author: str = CARRYON, conversation_id: str | None = None, note: str = "",
    ) -> Artifact:  # fmt: skip
        before = self.get(artifact_id)
        after = super().save(
            artifact_id, text, title=title, based_on=based_on, author=author, conversation_id=conversation_id, note=note
        )
        return self._changed(before, after)

    def restore(self, artifact_id: str, n: int, *, author: str = YOU) -> Artifact:
        before = self.get(artifact_id)
        return self._changed(before, super().restore(artifact_id, n, author=author))

    def rename(self, artifact_id: str, title: str) -> Artifact:
        before = self.get(artifact_id)
        return self._changed(before, super().rename(artifact_id, title))

    def tag(self, artifact_id: str, tags: Iterable[str]) -> Artifact:
        before = self.get(artifact_id)
        after = super().tag(artifact_id, tags)
        return self._noted(after, do="tag", id=artifact_id, tags=list(before.tags), after=list(after.tags))

    def trash(self, artifact_id: str) -> Artifact:
        return self._noted(super().trash(artifact_id), do="untrash", id=artifact_id)

    def untrash(self, artifact_id: str) -> Artifact:
        return self._noted(super().untrash(artifact_id), do="trash", id=artifact_id)

    def set_due(self, artifact_id: str, *, said: str = "", due_at: int | None = None) -> Artifact:
        was = self.get(artifact_id).data
        changed = super().set_due(artifact_id, said=said, due_at=due_at)
        said_was, due_was = _due_of(was)
        return self._noted(
            changed, do="due", id=artifact_id, said=said_was, due_at=due_was, after=_due_of(changed.data)
        )  # fmt: skip

    def mark_task(self, artifact_id: str, *, done: bool = True) -> Artifact:
        was = bool(self.get(artifact_id).data.get("done"))
        return self._noted(super().mark_task(artifact_id, done=done), do="mark", id=artifact_id, done=was)

    def move_event(
        self, artifact_id: str, starts_at: int, ends_at: int, *, all_day: bool = False, said: str = "",
        zone: str = "UTC",
    ) -> Artifact:  # fmt: skip
        was = self.get(artifact_id).data
        moved = super().move_event(artifact_id, starts_at, ends_at, all_day=all_day, said=said, zone=zone)
        return self._noted(moved, do="move", id=artifact_id, **was, after=dict(moved.data))

    def add_timer(self, label: str, rings_at: int, *, conversation_id: str | None = None) -> Timer:
        timer = super().add_timer(label, rings_at, conversation_id=conversation_id)
        self.steps.append({"do": "stop", "id": timer.id})
        return timer

    def cancel_timer(self, timer_id: str) -> None:
        was = next((timer for timer in self.waiting_timers() if timer.id == timer_id), None)
        super().cancel_timer(timer_id)
        if was:
            self.steps.append(
                {
                    "do": "start", "id": was.id, "label": was.label, "rings_at": was.rings_at,
                    "created_at": was.created_at, "conversation_id": was.conversation_id,
                }
            )  # fmt: skip

    def restart_timer(self, timer: Timer) -> None:
        super().restart_timer(timer)
        self.steps.append({"do": "stop", "id": timer.id})

    def take_back(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """Do these inverses, last to first; the names of those that still had something to do."""
        return tuple(str(step["do"]) for step in reversed(steps) if DEEDS[step["do"]](self, step))

    def _seen(self, found: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
        self._read.update(artifact.id for artifact in found)
        return found

    def _changed(self, before: Artifact, after: Artifact) -> Artifact:
        if after.title != before.title:
            self.steps.append({"do": "rename", "id": before.id, "title": before.title, "after": after.title})
        if after.head != before.head:
            self.steps.append({"do": "restore", "id": before.id, "n": before.head, "after": after.head})
        return after

    def _noted(self, artifact: Artifact, **step: Any) -> Artifact:
        self.steps.append(step)
        return artifact


def _trash(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or artifact.trashed_at is not None:
        return False
    library.trash(artifact.id)
    return True


def _untrash(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or artifact.trashed_at is None:
        return False
    library.untrash(artifact.id)
    return True


def _restore(library: Library, step: Step) -> bool:
    """As before; what somebody wrote since is joined with it, not lost."""
    if (artifact := _there(library, step)) is None:
        return False
    if artifact.head == step["after"]:
        return library.restore(artifact.id, step["n"], author=CARRYON).head != artifact.head
    text = library.text(artifact.id, step["n"])
    return library.save(artifact.id, text, based_on=step["after"]).head != artifact.head


def _rename(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or artifact.title != step["after"]:
        return False
    return bool(library.rename(artifact.id, step["title"]))


def _tag(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or list(artifact.tags) != step["after"]:
        return False
    return bool(library.tag(artifact.id, step["tags"]))


def _due(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or _due_of(artifact.data) != step["after"]:
        return False
    return bool(library.set_due(artifact.id, said=step["said"], due_at=step["due_at"]))


def _mark(library: Library, step: Step) -> bool:
    artifact = _there(library, step)
    if artifact is None or bool(artifact.data.get("done")) == step["done"]:
        return False
    library.mark_task(artifact.id, done=step["done"])
    return True


def _move(library: Library, step: Step) -> bool:
    if (artifact := _there(library, step)) is None or dict(artifact.data) != step["after"]:
        return False
    library.move_event(
        step["id"], step["starts_at"], step["ends_at"], all_day=step["all_day"], said=step["said"], zone=step["zone"]
    )
    return True


def _stop(library: Library, step: Step) -> bool:
    try:
        library.cancel_timer(step["id"])
    except NoArtifactError:  # it has rung, or was stopped
        return False
    return True


def _start(library: Library, step: Step) -> bool:
    library.restart_timer(
        Timer(
            step["id"], step["label"], step["rings_at"], step["created_at"], conversation_id=step["conversation_id"]
        )
    )  # fmt: skip
    return True


def _due_of(data: Mapping[str, Any]) -> list[Any]:
    return [data.get("said", ""), data.get("due_at")]


def _there(library: Library, step: Step) -> Artifact | None:
    """What the step is about; None when it was deleted for good since."""
    try:
        return library.get(step["id"])
    except NoArtifactError:
        return None


DEEDS: Mapping[str, Callable[[Library, Step], bool]] = {
    "trash": _trash, "untrash": _untrash, "restore": _restore, "rename": _rename, "tag": _tag, "due": _due,
    "mark": _mark, "move": _move, "stop": _stop, "start": _start,
}  # fmt: skip
