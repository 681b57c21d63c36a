"""The library room: artifacts, their versions, tasks; import and export."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.loop.ports import Request
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.store.transaction import transaction

if TYPE_CHECKING:
    from agent.compose import Runtime
    from sync.item import Item

ARTIFACTS_SHOWN_MAX = 500
SHOWN_BYTES_MAX = 16_000_000  # of a picture
BY_THE_USER = "you"


def list_artifacts(runtime: "Runtime", command: commands.ListArtifacts) -> Iterator[Event]:
    found = runtime.library.search(
        command.query, kind=command.kind, tag=command.tag, trashed=command.trashed, limit=ARTIFACTS_SHOWN_MAX
    )
    yield events.ArtifactsListed(cause=command.id, artifacts=tuple(found), query=command.query)


def open_artifact(runtime: "Runtime", command: commands.OpenArtifact) -> Iterator[Event]:
    library = runtime.library
    versions = tuple(library.versions(command.artifact_id))
    artifact = library.get(command.artifact_id)
    number = command.version or artifact.head
    version = next(version for version in versions if version.n == number)
    text = library.text(command.artifact_id, number)
    yield events.ArtifactOpened(cause=command.id, artifact=artifact, version=version, text=text, versions=versions)


def load_file(runtime: "Runtime", command: commands.LoadFile) -> Iterator[Event]:
    newest = runtime.library.versions(command.artifact_id)[0]
    content = runtime.library.content(command.artifact_id) if newest.size_bytes <= SHOWN_BYTES_MAX else b""
    yield events.FileLoaded(cause=command.id, artifact_id=command.artifact_id, content=content)


def save(runtime: "Runtime", command: commands.SaveArtifact) -> Iterator[Event]:
    followed = None
    if command.artifact_id is None:
        artifact = runtime.library.create("note", command.title, command.text, author=BY_THE_USER)
    else:
        with transaction(runtime.connection):
            artifact = runtime.library.save(
                command.artifact_id, command.text, title=command.title, based_on=command.based_on, author=BY_THE_USER
            )
            followed = runtime.follow(artifact)
    version = runtime.library.versions(artifact.id)[0]
    yield events.ArtifactSaved(cause=command.id, artifact=artifact, version=version)
    if command.based_on is not None and artifact.head > command.based_on + 1:  # joined with somebody else's words
        yield from open_artifact(runtime, commands.OpenArtifact(id=command.id, artifact_id=artifact.id))
    yield _touched(command.id)
    yield from _followed(runtime, followed, command.id)


def _followed(runtime: "Runtime", item: "Item | None", cause: str) -> Iterator[Event]:
    """What goes to the calendar elsewhere because of it."""
    if item is not None:
        runtime.nudge()
        for changed in {one.id: one for one in (item, *runtime.outbox.touched())}.values():
            yield events.ItemChanged(cause=cause, item=changed)
        yield events.StoreChanged(cause=cause, areas=frozenset({"outbox"}))


def _touched(cause: str) -> Event:
    return events.StoreChanged(cause=cause, areas=frozenset({"library"}))


def diff(runtime: "Runtime", command: commands.DiffArtifact) -> Iterator[Event]:
    text = runtime.library.diff(command.artifact_id, command.older, command.newer)
    yield events.ArtifactDiffed(
        cause=command.id, artifact_id=command.artifact_id, older=command.older, newer=command.newer, diff=text
    )


def restore(runtime: "Runtime", command: commands.RestoreArtifact) -> Iterator[Event]:
    runtime.library.restore(command.artifact_id, command.version)
    yield from open_artifact(runtime, commands.OpenArtifact(id=command.id, artifact_id=command.artifact_id))
    yield _touched(command.id)


def tag(runtime: "Runtime", command: commands.TagArtifact) -> Iterator[Event]:
    runtime.library.tag(command.artifact_id, command.tags)
    yield _touched(command.id)


def mark_task(runtime: "Runtime", command: commands.MarkTask) -> Iterator[Event]:
    from agent.tools.tasks import stop_reminding

    task = runtime.library.mark_task(command.artifact_id, done=command.done)
    if command.done:
        stop_reminding(task, runtime.context(Request(""), "", "", ""))
    yield _touched(command.id)


def trash(runtime: "Runtime", command: commands.TrashArtifact) -> Iterator[Event]:
    library = runtime.library
    with transaction(runtime.connection):
        if command.restore:
            trashed_at = library.get(command.artifact_id).trashed_at
            followed = runtime.follow(library.untrash(command.artifact_id), trashed_at)
        else:
            followed = runtime.follow(library.trash(command.artifact_id))
    yield _touched(command.id)
    yield from _followed(runtime, followed, command.id)


def import_files(runtime: "Runtime", command: commands.ImportFiles) -> Iterator[Event]:
    for path in command.paths:
        runtime.library.import_file(Path(path))
    yield _touched(command.id)


def export(runtime: "Runtime", command: commands.ExportArtifact) -> Iterator[Event]:
    target = Path(command.path)
    if command.artifact_id == "calendar":
        runtime.library.export_calendar(target)
    elif command.artifact_id:
        runtime.library.export(command.artifact_id, target)
    else:
        runtime.library.export_all(target)
    yield events.Exported(cause=command.id, path=command.path)


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[Event]]] = {
    commands.ListArtifacts: list_artifacts,
    commands.OpenArtifact: open_artifact,
    commands.LoadFile: load_file,
    commands.SaveArtifact: save,
    commands.DiffArtifact: diff,
    commands.RestoreArtifact: restore,
    commands.TagArtifact: tag,
    commands.MarkTask: mark_task,
    commands.TrashArtifact: trash,
    commands.ImportFiles: import_files,
    commands.ExportArtifact: export,
}
