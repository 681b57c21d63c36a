"""`carryon library`: the work, with all its versions."""

from pathlib import Path

import click

from agent.protocol.records import Artifact
from app.cli.groups import Group
from app.cli.opening import command, json_option, profile
from app.cli.printing import moment, show, table
from app.cli.targets import refuse_existing, replace_option

SHOWN_MAX = 1_000
BY_THE_USER = "you"
KINDS = ("note", "document", "task", "event", "page", "file")
kind_option = click.option("--kind", type=click.Choice(KINDS), metavar="KIND",
                           help="note, document, task, event, page or file.")  # fmt: skip


@click.group(cls=Group)
def library() -> None:
    """Notes, documents, tasks and events. They outlive the conversations they came from."""


def _listed(artifacts: list[Artifact], *, as_json: bool) -> None:
    rows = [(item.id[:8], item.kind, f"v{item.head}", moment(item.updated_at), item.title) for item in artifacts]
    show(artifacts, as_json=as_json, lines=table(rows) or ["Nothing here."])


@library.command("list")
@kind_option
@click.option("--tag", default="", help="Only with this tag.")
@click.option("--trash", is_flag=True, help="What is in the trash.")
@json_option
@command
def list_artifacts(kind: str | None, tag: str, trash: bool, as_json: bool) -> None:
    """Newest first."""
    with profile() as runtime:
        found = runtime.library.list(kind=kind or "", tag=tag, trashed=trash, limit=SHOWN_MAX)
    _listed(list(found), as_json=as_json)


@library.command("search")
@click.argument("query")
@kind_option
@json_option
@command
def search(query: str, kind: str | None, as_json: bool) -> None:
    """Full-text search, best first."""
    with profile() as runtime:
        _listed(list(runtime.library.search(query, kind=kind or "", limit=SHOWN_MAX)), as_json=as_json)


@library.command("show")
@click.argument("artifact_id")
@click.option("--version", type=int, help="An older version.")
@json_option
@command
def show_artifact(artifact_id: str, version: int | None, as_json: bool) -> None:
    """The text of an artifact."""
    with profile() as runtime:
        artifact = runtime.library.get(runtime.artifact_id(artifact_id))
        text = runtime.library.text(artifact.id, version)
    show({"artifact": artifact, "text": text}, as_json=as_json, lines=[text])


@library.command("history")
@click.argument("artifact_id")
@json_option
@command
def history(artifact_id: str, as_json: bool) -> None:
    """Every version: who made it, when, from which conversation."""
    with profile() as runtime:
        versions = list(runtime.library.versions(runtime.artifact_id(artifact_id)))
    rows = [(f"v{item.n}", moment(item.created_at), item.author, item.sha256[:12], item.note) for item in versions]
    show(versions, as_json=as_json, lines=table(rows))


@library.command("diff")
@click.argument("artifact_id")
@click.argument("older", type=int)
@click.argument("newer", type=int)
@json_option
@command
def diff(artifact_id: str, older: int, newer: int, as_json: bool) -> None:
    """What changed between two versions."""
    with profile() as runtime:
        text = runtime.library.diff(runtime.artifact_id(artifact_id), older, newer)
    show({"diff": text}, as_json=as_json, lines=[text])


@library.command("restore")
@click.argument("artifact_id")
@click.argument("version", type=int)
@json_option
@command
def restore(artifact_id: str, version: int, as_json: bool) -> None:
    """Make an older version the newest one; nothing is overwritten."""
    with profile() as runtime:
        artifact = runtime.library.restore(runtime.artifact_id(artifact_id), version, author=BY_THE_USER)
    show(artifact, as_json=as_json, lines=[f"v{artifact.head} is v{version} again: {artifact.title}"])


@library.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--id", "artifact_id", default="", help="One artifact; without it the whole library as a zip.")
@click.option("--calendar", is_flag=True, help="All events as an .ics file.")
@replace_option
@json_option
@command
def export(path: Path, artifact_id: str, calendar: bool, replace: bool, as_json: bool) -> None:
    """Write the library, one artifact, or the calendar to PATH."""
    refuse_existing(path, replace=replace)
    with profile() as runtime:
        if calendar:
            runtime.library.export_calendar(path)
        elif artifact_id:
            runtime.library.export(runtime.artifact_id(artifact_id), path)
        else:
            runtime.library.export_all(path)
    show({"path": str(path)}, as_json=as_json, lines=[f"written: {path}"])


@library.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@command
def import_files(files: tuple[Path, ...], as_json: bool) -> None:
    """Bring files into the library."""
    with profile() as runtime:
        _listed([runtime.library.import_file(path) for path in files], as_json=as_json)
