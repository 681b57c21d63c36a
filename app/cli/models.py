"""`carryon models`: which GGUF answers, which others there are, which could be had."""

from dataclasses import asdict

import click

from app.cli.finding import add, found
from app.cli.groups import Group
from app.cli.opening import command, json_option, profile, settings_alone
from app.cli.printing import show, table
from app.cli.proposing import catalog
from app.cli.pulling import pull, verify

IN_USE = "It was the model in use. Choose another, or go back to Carryon's own: carryon models use starter"


@click.group(cls=Group)
def models() -> None:
    """The models on this machine. The starter ships with Carryon and needs no download."""


for other in (catalog, pull, verify, found, add):
    models.add_command(other)


@models.command("list")
@json_option
@command
def list_models(as_json: bool) -> None:
    """Every model; the star marks the one in use."""
    with profile() as runtime:
        listed = runtime.models()
    rows = [
        ("*" if item.current else " ", item.name, item.kind, _size(item.size_bytes), item.path, item.note)
        for item in listed
    ]
    show(listed, as_json=as_json, lines=table(rows))


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


@models.command("remove")
@click.argument("name")
@json_option
@command
def remove(name: str, as_json: bool) -> None:
    """Forget a model; the file stays where it is."""
    from models.catalog import Catalog

    paths, agentrc = settings_alone()
    gone = Catalog(paths.data).remove(name)
    in_use = agentrc.settings.model_default in (gone.name, str(gone.path))
    lines = [f"forgotten: {name}; the file was left alone", *([IN_USE] if in_use else [])]
    show({"removed": name, "in_use": in_use}, as_json=as_json, lines=lines)


@models.command("info")
@click.argument("name")
@json_option
@command
def info(name: str, as_json: bool) -> None:
    """Load a model and say what it is."""
    with profile() as runtime:
        told = runtime.minds.model(name).info()
    show(told, as_json=as_json, lines=[f"{key}: {value}" for key, value in asdict(told).items()])


@models.command("use")
@click.argument("name")
@json_option
@command
def use(name: str, as_json: bool) -> None:
    """Answer with this model from now on: writes model.default into ~/.agentrc."""
    with profile() as runtime:
        runtime.use_model(name)
    show({"default": name}, as_json=as_json, lines=[f"in use: {name}"])
