"""`carryon servers resources` and `prompts`: what a server offers besides tools. Asked for, it is started."""

import click

from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import show, table


@click.command("resources")
@click.argument("name")
@click.argument("uri", required=False)
@offline_option
@json_option
@command
def resources(name: str, uri: str | None, offline: bool, as_json: bool) -> None:
    """What a server lets one read; with URI, its text."""
    with profile(offline=offline) as runtime:
        front = runtime.servers.front
        if uri is None:
            listing = front.shown(name).listing
            found = listing.resources if listing else ()
            rows = [(one.uri, one.name, _in_short(one.about)) for one in found]
            show(found, as_json=as_json, lines=table(rows) or [_none(name, "resources", asked=listing is not None)])
            return
        outcome = front.read(name, uri)
    document = {"server": name, "uri": uri, "text": outcome.text, "pictures": len(outcome.pictures), "cut": outcome.cut}
    show(document, as_json=as_json, lines=[outcome.text])


@click.command("prompts")
@click.argument("name")
@click.argument("prompt", required=False)
@click.argument("args", nargs=-1, metavar="[NAME=VALUE]...")
@offline_option
@json_option
@command
def prompts(name: str, prompt: str | None, args: tuple[str, ...], offline: bool, as_json: bool) -> None:
    """Texts that a server has ready; with PROMPT and its arguments, the text."""
    pairs = [arg.partition("=") for arg in args]
    if wrong := [one for one, equals, _ in pairs if not equals]:
        raise click.UsageError(f"{wrong[0]!r} is no NAME=VALUE.")
    with profile(offline=offline) as runtime:
        front = runtime.servers.front
        if prompt is None:
            listing = front.shown(name).listing
            found = listing.prompts if listing else ()
            rows = [(one.name, " ".join(map(_argument, one.arguments)), _in_short(one.about)) for one in found]
            show(found, as_json=as_json, lines=table(rows) or [_none(name, "prompts", asked=listing is not None)])
            return
        passages = front.prompt(name, prompt, {one: value for one, _, value in pairs})
    documents = [{"role": one.role, "text": one.outcome.text} for one in passages]
    show(documents, as_json=as_json, lines=[f"{one.role}: {one.outcome.text}" for one in passages])


def _in_short(about: str) -> str:
    return " ".join(about.split())[:100]


def _argument(argument: tuple[str, str, bool]) -> str:
    name, _, required = argument
    return name if required else f"[{name}]"


def _none(name: str, what: str, *, asked: bool) -> str:
    return f"It has no {what}." if asked else f"It was not asked yet: carryon servers refresh {name}"
