"""From how a server stands to what is shown of it."""

from typing import TYPE_CHECKING

from agent.protocol.server_records import ClassView, ServerToolView, ServerView
from sync.steering import on_one_line

if TYPE_CHECKING:
    from agent.mcp.declaring.classes import Standing
    from agent.mcp.front import ServerFront
    from agent.mcp.records import Classing
    from agent.mcp.roster import Shown

ABOUT_CHARACTERS_MAX = 600


def view(one: "Shown", front: "ServerFront", busy: str = "") -> ServerView:
    listing, resolution = one.listing, one.resolution
    return ServerView(
        name=one.server.name,
        how=one.server.url or " ".join(one.server.command),
        enabled=one.server.enabled,
        trouble=one.trouble,
        version=on_one_line(listing.version) if listing else "",
        asked_at=listing.at_ms if listing else None,
        package=f"{resolution.package} {resolution.version}" if resolution else "",
        tools=tuple(_tool(standing, one, front) for standing in one.standings),
        resources=len(listing.resources) if listing else 0,
        prompts=len(listing.prompts) if listing else 0,
        busy=busy,
        can_update=one.fetches,
    )


def _tool(one: "Standing", shown: "Shown", front: "ServerFront") -> ServerToolView:
    suggestion = front.suggestion(shown, one)
    why = one.why or shown.left_out.get(one.name, "")
    return ServerToolView(
        one.name, one.tool.name, on_one_line(" ".join(one.tool.about.split())[:ABOUT_CHARACTERS_MAX]), why,
        _class(one.classing) if one.classing else None, _class(suggestion.classing), suggestion.why, one.digest,
    )  # fmt: skip


def _class(said: "Classing") -> ClassView:
    from agent.mcp.declaring.class_words import table

    plain = table(said)
    return ClassView(plain["class"], plain["fresh"], plain["repeat"], tuple(plain["touches"]))
