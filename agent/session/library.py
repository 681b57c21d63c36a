"""The library room: artifacts, their versions, tasks; import and export."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.loop.ports import Request
from agent.protocol import commands, events
from agent.protocol.events import Event

if TYPE_CHECKING:
    from agent.compose import Runtime

ARTIFACTS_SHOWN_MAX = 500
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


def save(runtime: "Runtime", command: commands.SaveArtifact) -> Iterator[Event]:
    if command.artifact_id is None:
        artifact = runtime.library.create("note", command.title, command.text, author=BY_THE_USER)
    else:
        artifact = runtime.library.save(
            command.artifact_id, command.text, title=command.title, based_on=command.based_on, author=BY_THE_USER
        )
    version = runtime.library.versions(artifact.id)[0]
    yield events.ArtifactSaved(cause=command.id, artifact=artifact, version=version)
    if command.based_on is not None and artifact.head > command.based_on + 1:  # joined with somebody else's words
        yield from open_artifact(runtime, commands.OpenArtifact(id=command.id, artifact_id=artifact.id))
    yield _touched(command.id)


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
    if command.restore:
        runtime.library.untrash(command.artifact_id)
    else:
        runtime.library.trash(command.artifact_id)
    yield _touched(command.id)


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
    commands.SaveArtifact: save,
    commands.DiffArtifact: diff,
    commands.RestoreArtifact: restore,
    commands.TagArtifact: tag,
    commands.MarkTask: mark_task,
    commands.TrashArtifact: trash,
    commands.ImportFiles: import_files,
    commands.ExportArtifact: export,
}
