"""`carryon models`: which GGUF answers, which others there are."""

from dataclasses import asdict
from pathlib import Path

import click

from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import NEGATIVE, show, table


@click.group()
def models() -> None:
    """The models on this machine. The starter ships with Carryon and needs no download."""


@models.command("list")
@json_option
@command
def list_models(as_json: bool) -> None:
    """Every model; the star marks the one in use."""
    with profile() as runtime:
        found = runtime.models()
    rows = [
        ("*" if item.current else " ", item.name, item.kind, _size(item.size_bytes), item.path, item.note)
        for item in found
    ]
    show(found, as_json=as_json, lines=table(rows))


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


@models.command("add")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What to call it; the file's name if left out.")
@json_option
@command
def add(path: Path, name: str, as_json: bool) -> None:
    """Use a GGUF file where it lies; it is not copied."""
    with profile() as runtime:
        known = runtime.catalog.add(path, name)
    show(known, as_json=as_json, lines=[f"added: {known.name} ({known.path})"])


@models.command("pull")
@click.argument("url")
@click.option("--sha256", default="", help="The file's SHA-256, as its publisher states it.")
@click.option("--name", default="", help="What to call it.")
@json_option
@offline_option
@command
def pull(url: str, sha256: str, name: str, as_json: bool, offline: bool) -> None:
    """Fetch a GGUF file, resume where it broke off, check it, add it."""
    with profile(offline=offline) as runtime:
        known = runtime.pull_model(url, sha256=sha256, name=name)
    show(known, as_json=as_json, lines=[f"added: {known.name} ({known.path})"])


@models.command("verify")
@click.argument("name")
@json_option
@command
def verify(name: str, as_json: bool) -> None:
    """Read the whole file again and compare its SHA-256."""
    with profile() as runtime:
        verdict = runtime.catalog.verify(name)
    show({"name": name, "verdict": verdict}, as_json=as_json, lines=[f"{name}: {verdict}"])
    if verdict == "changed":
        raise SystemExit(NEGATIVE)


@models.command("remove")
@click.argument("name")
@json_option
@command
def remove(name: str, as_json: bool) -> None:
    """Forget a model; the file stays where it is."""
    with profile() as runtime:
        runtime.catalog.remove(name)
    show({"removed": name}, as_json=as_json, lines=[f"forgotten: {name}; the file was left alone"])


@models.command("info")
@click.argument("name")
@json_option
@command
def info(name: str, as_json: bool) -> None:
    """Load a model and say what it is."""
    with profile() as runtime:
        found = runtime.minds.model(name).info()
    show(found, as_json=as_json, lines=[f"{key}: {value}" for key, value in asdict(found).items()])


@models.command("use")
@click.argument("name")
@json_option
@command
def use(name: str, as_json: bool) -> None:
    """Answer with this model from now on: writes model.default into ~/.agentrc."""
    with profile() as runtime:
        runtime.use_model(name)
    show({"default": name}, as_json=as_json, lines=[f"in use: {name}"])
