"""`carryon models found` and `add`: models that are on the disk already, used where they lie."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import show, size, table
from models.catalog import NAME_CHARACTERS_MAX
from models.errors import ModelFileBadError, UnknownModelError

if TYPE_CHECKING:
    from agent.compose import Runtime
    from models.catalog import KnownModel
    from models.found import Finds, Found

LEFT_OUT_SHOWN = 20
READ_TOLD_BYTES = 1_000_000_000  # that takes seconds


@click.command("found")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
@command
def found(folder: Path | None, as_json: bool) -> None:
    """Models that LM Studio, Ollama, GPT4All, Jan, Hugging Face or llama.cpp have put on this machine; or those in
    FOLDER. Nothing is copied or changed."""
    with profile(quiet=True) as runtime:
        finds = _look(runtime, folder)
    show(finds, as_json=as_json, lines=_lines(finds, "PATH" if folder else "--found NAME"))


def _look(runtime: "Runtime", folder: Path | None = None) -> "Finds":
    from models.found import folder_of_yours, look, places

    known = {model.path: model.name for model in runtime.catalog.list()}
    return look((folder_of_yours(folder),) if folder else places(), known)


def _lines(finds: "Finds", which: str) -> list[str]:
    """`which`: how `add` is told the one that is meant; by its name only where it is found again without a folder."""
    rows = [
        (one.name, size(one.size_bytes), one.architecture, one.program, str(one.path), _standing(one))
        for one in finds.models
    ]
    lines = table(rows) or ["No models were found."]
    if finds.left_out:
        shown = [(f"  {one.path}", one.why) for one in finds.left_out[:LEFT_OUT_SHOWN]]
        lines += ["", "Left alone:", *table(shown)]
        if len(finds.left_out) > LEFT_OUT_SHOWN:
            lines.append(f"  and {len(finds.left_out) - LEFT_OUT_SHOWN} more; all with --json")
    if not finds.looked_in:
        lines.append("None of the programs that Carryon knows keeps models here; name a folder to look in.")
    usable = any(one.state == "ready" and not one.known_as for one in finds.models)
    return [*lines, *finds.notes, *(["", f"To use one: carryon models add {which}"] if usable else [])]


def _standing(one: "Found") -> str:
    if one.known_as:
        return f"added as {one.known_as}"
    return one.note


@click.command("add")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--found", "name_found", default="", metavar="NAME", help="One of `carryon models found`.")
@click.option("--name", default="", help="What to call it; the file's name if left out.")
@json_option
@command
def add(path: Path | None, name_found: str, name: str, as_json: bool) -> None:
    """Use a GGUF file where it lies; it is not copied."""
    if (path is None) == (not name_found):
        raise click.UsageError("Name a file, or one of `carryon models found` with --found.")
    with profile() as runtime:
        known = runtime.catalog.add(path, name) if path else _add_found(runtime, name_found, name)
    show(known, as_json=as_json, lines=[f"added: {known.name} ({known.path})"])


def _add_found(runtime: "Runtime", wanted: str, name: str) -> "KnownModel":
    finds = _look(runtime)
    one = finds.named(wanted)
    if one is None:
        close = get_close_matches(wanted[:NAME_CHARACTERS_MAX], [model.name for model in finds.models], n=1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise UnknownModelError(
            f"No model {wanted[:NAME_CHARACTERS_MAX]!r} was found.", "", f"{hint}carryon models found shows them."
        )
    if one.state == "incomplete":
        raise ModelFileBadError(f"{one.name} is incomplete. {one.note}", str(one.path), "Fetch its missing files.")
    if one.size_bytes > READ_TOLD_BYTES:
        click.echo(f"Reading {one.size_bytes / 1e9:.1f} GB once, to know the file again.", err=True)
    known = runtime.catalog.add(
        one.path, name or one.known_as or runtime.catalog.free_name(one.name), program=one.program
    )
    if one.said_sha256 and known.sha256 != one.said_sha256:
        runtime.catalog.remove(known.name)
        raise ModelFileBadError(
            f"{one.program}'s file is damaged: its SHA-256 is not the one that it is filed under.", str(one.path),
            f"Let {one.program} fetch it again.",
        )  # fmt: skip
    return known
