"""`carryon servers classes`: what the tools of a server are, by the user's word."""

from typing import TYPE_CHECKING

import click

from app.cli.opening import command, json_option, profile
from app.cli.printing import NEGATIVE, show, table
from app.cli.server_printing import tool_record
from app.cli.server_printing import trouble as trouble_of

if TYPE_CHECKING:
    from agent.mcp.declaring.classes import Standing
    from agent.mcp.front import ServerFront
    from agent.mcp.roster import Shown


@click.command("classes")
@click.argument("name")
@click.argument("tool", required=False)
@click.argument("parts", nargs=-1, metavar="[PART=VALUE]...")
@click.option("--accept-suggested", is_flag=True, help="Take the suggestion for every tool that waits for your word.")
@json_option
@command
def classes(name: str, tool: str | None, parts: tuple[str, ...], accept_suggested: bool, as_json: bool) -> None:
    """What each tool is, and what is suggested. With TOOL and parts you say it yourself:
    carryon servers classes git git_commit class=local fresh=0s repeat=none touches=files

    \b
    class    local (works without a network), deferrable (may be carried out later), online
    fresh    how long what it says, or what you decided through it, may be relied on: 0s, 5m, 7d
    repeat   how it recognises the same call twice: key, query, none
    touches  files,network or nothing
    """
    if accept_suggested and tool:
        raise click.UsageError("Name a tool, or take the suggestions.")
    with profile() as runtime:
        front = runtime.servers.front
        shown = front.shown(name)
        if not tool and not accept_suggested:
            _list(front, shown, as_json=as_json)
            return
        said = {_own(shown, tool): front.classing(shown, tool, _words(parts))} if tool else front.waiting(shown)
        proposal = front.classes(name, said)
        front.accept(proposal)
        found = front.shown(name)
    left = [one.tool.name for one in found.standings if not one.usable]
    document = {"name": name, "said": sorted(said), "waiting": left, "diff": proposal.diff}
    show(document, as_json=as_json, lines=[proposal.diff or "Nothing to change."])


def _own(shown: "Shown", tool: str) -> str:
    from agent.mcp.front import find

    return find(shown, tool).tool.name


def _words(parts: tuple[str, ...]) -> dict[str, str]:
    pairs = [part.partition("=") for part in parts]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise click.UsageError(f"{wrong[0]!r} is no PART=VALUE, such as class=local.")
    return {name.strip(): value for name, _, value in pairs}


def _list(front: "ServerFront", shown: "Shown", *, as_json: bool) -> None:
    name = shown.server.name
    lines = [line for one in shown.standings for line in _told(one, shown, front)]
    if any(not one.usable for one in shown.standings):
        lines += ["", f"To take the suggestions: carryon servers classes {name} --accept-suggested",
                  f"To say it yourself: carryon servers classes {name} TOOL class=local touches=files"]  # fmt: skip
    if shown.listing is None:
        from agent.errors import BadRequestError

        raise BadRequestError(
            f"The server {name} did not say yet what it has.", trouble_of(shown) or name,
            f"First ask it: carryon servers refresh {name}",
        )  # fmt: skip
    trouble = [shown.trouble] if shown.trouble else []
    show([tool_record(one, shown, front) for one in shown.standings], as_json=as_json, lines=[*trouble, *lines])
    if any(not one.usable for one in shown.standings) or shown.trouble:
        raise SystemExit(NEGATIVE)


def _told(one: "Standing", shown: "Shown", front: "ServerFront") -> list[str]:
    from agent.mcp.declaring.class_words import in_words

    if one.usable and one.classing:
        return table([(one.tool.name, in_words(one.classing))])
    suggestion = front.suggestion(shown, one)
    lines = [f"{one.tool.name}  {one.why}", f"  {' '.join(one.tool.about.split())[:200]}"]
    if one.classing:
        lines.append(f"  you said: {in_words(one.classing)}")
    return [*lines, f"  suggested: {in_words(suggestion.classing)}", f"  {suggestion.why}"]
