"""`carryon servers`: tools of other programs, over the Model Context Protocol. Every change is one of `~/.agentrc`."""

from typing import TYPE_CHECKING

import click

from app.cli.groups import Group
from app.cli.opening import command, json_option, offline_option, profile
from app.cli.printing import show, table
from app.cli.server_classes import classes
from app.cli.server_content import prompts, resources
from app.cli.server_import import import_servers
from app.cli.server_printing import counted, how, record, told, tool_record, trouble
from app.cli.server_signing import sign_in, sign_out

if TYPE_CHECKING:
    from agent.agentrc.servers import Server


@click.group(cls=Group)
def servers() -> None:
    """Tools of other programs: what is declared, what it has, what you said it is."""


servers.add_command(classes)
servers.add_command(import_servers)
servers.add_command(prompts)
servers.add_command(resources)
servers.add_command(sign_in)
servers.add_command(sign_out)


@servers.command("list")
@json_option
@command
def list_servers(as_json: bool) -> None:
    """All servers of your settings. None is started for this."""
    with profile() as runtime:
        found = runtime.servers.front.all()
    rows = [(one.server.name, counted(one), how(one), trouble(one)) for one in found]
    lines = table(rows) or ["No servers. Declare one in ~/.agentrc, or: carryon servers import"]
    show([record(one) for one in found], as_json=as_json, lines=lines)


@servers.command("show")
@click.argument("name")
@json_option
@command
def show_server(name: str, as_json: bool) -> None:
    """One server: how it is reached, what it has, which of its tools can be used and why not the others."""
    with profile() as runtime:
        front = runtime.servers.front
        found = front.shown(name)
        document = {**record(found), "tools": [tool_record(one, found, front) for one in found.standings]}
    show(document, as_json=as_json, lines=told(found))


@servers.command("add")
@click.argument("name")
@click.argument("words", nargs=-1, metavar="COMMAND...")
@click.option("--url", default="", help="Address of a server that is reached over HTTP, instead of a command.")
@click.option("--replace", is_flag=True, help="Also where a server of this name is declared already.")
@json_option
@command
def add(name: str, words: tuple[str, ...], url: str, replace: bool, as_json: bool) -> None:
    """Declare a server. Behind -- stands its command: carryon servers add git -- uvx mcp-server-git"""
    if bool(words) == bool(url):
        raise click.UsageError("Give a COMMAND, or --url.")
    _check_name(name)
    wanted: dict[str, object] = {f"servers.{name}.url": url} if url else {f"servers.{name}.command": list(words)}
    with profile() as runtime:
        if before := runtime.settings.servers.get(name):
            _check_replaces(before, replace=replace)
            wanted |= _gone(before, url=bool(url))
        proposal = runtime.agentrc.desk.propose_all(wanted)
        runtime.servers.front.accept(proposal)
    lines = [proposal.diff, f"Ask it what it has: carryon servers refresh {name}"]
    show({"name": name, "diff": proposal.diff}, as_json=as_json, lines=lines)


def _check_name(name: str) -> None:
    from agent.agentrc.servers import wrong_name
    from agent.errors import BadRequestError

    if wrong := wrong_name(name):
        raise BadRequestError("It cannot be called that.", name[:60], f"{wrong[:1].upper()}{wrong[1:]}")


def _check_replaces(before: "Server", *, replace: bool) -> None:
    from agent.errors import BadRequestError

    if not replace:
        raise BadRequestError(
            f"There is a server named {before.name} already: {before.url or ' '.join(before.command)}.", "~/.agentrc",
            "Choose another name, or add --replace to declare it anew; what you said of its tools stays.",
        )  # fmt: skip


def _gone(before: "Server", *, url: bool) -> dict[str, object]:
    """What of the old entry does not fit the new one: a server is a program or an address."""
    if url:
        parts: dict[str, object] = {"command": before.command, "folder": before.folder}
        tables = {"env": before.env}
    else:
        parts = {"url": before.url, "client_id": before.client_id, "client_secret": before.client_secret}
        tables = {"headers": before.headers}
    from agent.agentrc.keys import format_key

    keys: list[tuple[str, ...]] = [(part,) for part, value in parts.items() if value]
    keys += [(part, name) for part, table in tables.items() for name in table]
    return {format_key(("servers", before.name, *key)): None for key in keys}


@servers.command("remove")
@click.argument("name")
@json_option
@command
def remove(name: str, as_json: bool) -> None:
    """Take a server out of your settings, with what you said of its tools. `carryon rc log` can bring it back."""
    with profile() as runtime:
        front = runtime.servers.front
        proposal = front.removal(name)
        front.remove(name, proposal)
    show({"name": name, "diff": proposal.diff}, as_json=as_json, lines=[proposal.diff])


@servers.command("refresh")
@click.argument("name")
@offline_option
@json_option
@command
def refresh(name: str, offline: bool, as_json: bool) -> None:
    """Ask a server what it has. It is started for this, and fetched first where its command would fetch it."""
    with profile(offline=offline) as runtime:
        front = runtime.servers.front
        found = front.refresh(name)
        document = {**record(found), "tools": [tool_record(one, found, front) for one in found.standings]}
    show(document, as_json=as_json, lines=told(found))


@servers.command("update")
@click.argument("name")
@offline_option
@json_option
@command
def update(name: str, offline: bool, as_json: bool) -> None:
    """Fetch the newest of what a server's command names (uvx, pipx run, npx), then ask it what it has."""
    with profile(offline=offline) as runtime:
        front = runtime.servers.front
        before = front.shown(name).resolution
        made = front.update(name)
        found = front.refresh(name)
    was = before.version if before else ""
    words = (
        f"{made.package} {made.version}{f', was {was}' if was else ''}"
        if made
        else "Its command is a program that is here."
    )
    show({**record(found), "was": was}, as_json=as_json, lines=[words, *told(found)])
