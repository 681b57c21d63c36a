"""From how a server stands to what is shown of it."""

from typing import TYPE_CHECKING

from agent.protocol.server_records import ClassView, PromptArgument, PromptView, RefusedView, ServerToolView, ServerView
from sync.steering import on_one_line

if TYPE_CHECKING:
    from agent.mcp.declaring.classes import Standing
    from agent.mcp.front import ServerFront
    from agent.mcp.records import Classing, ListedPrompt, Refused
    from agent.mcp.roster import Shown

ABOUT_CHARACTERS_MAX = 600


def view(one: "Shown", front: "ServerFront", busy: str = "") -> ServerView:
    listing, resolution = one.listing, one.resolution
    return ServerView(
        name=one.server.name,
        how=one.server.url or " ".join(one.server.command),
        enabled=one.server.enabled,
        trouble=_trouble(one, front),
        version=on_one_line(listing.version) if listing else "",
        asked_at=listing.at_ms if listing else None,
        package=f"{resolution.package} {resolution.version}" if resolution else "",
        tools=tuple(_tool(standing, one, front) for standing in one.standings if standing.name not in one.left_out),
        resources=len(listing.resources) if listing else 0,
        prompts=len(listing.prompts) if listing else 0,
        busy=busy,
        can_update=one.fetches,
        refused=tuple(RefusedView(left.kind, on_one_line(left.name), on_one_line(left.why)) for left in _refused(one)),
        offers=tuple(_prompt(one.server.name, prompt) for prompt in listing.prompts)
        if listing and one.server.enabled
        else (),
        sign_in=front.sign_in_state(one),
        failed_at=one.failure.at_ms if one.failure else None,
        failure=on_one_line(one.failure.what) if one.failure else "",
    )


def _refused(one: "Shown") -> "tuple[Refused, ...]":
    """What the server declares wrongly, and what there was no room for here."""
    from agent.mcp.records import Refused

    declared = one.listing.refused if one.listing else ()
    return (*declared, *(Refused("tool", name, why) for name, why in one.left_out.items()))


def _trouble(one: "Shown", front: "ServerFront") -> str:
    wanted = one.server.enabled and front.sign_in_state(one) == "wanted"
    return f"The server {one.server.name} wants you to sign in." if wanted else one.trouble


def _prompt(server: str, one: "ListedPrompt") -> PromptView:
    """Its name as the server wrote it, since it is asked for by that; whoever shows it makes the unseen visible."""
    arguments = (PromptArgument(name, _short(about), required) for name, about, required in one.arguments)
    return PromptView(server, one.name, _short(one.about), tuple(arguments))


def _short(about: str) -> str:
    return on_one_line(" ".join(about.split())[:ABOUT_CHARACTERS_MAX])


def _tool(one: "Standing", shown: "Shown", front: "ServerFront") -> ServerToolView:
    suggestion = front.suggestion(shown, one)
    return ServerToolView(
        one.name, one.tool.name, _short(one.tool.about), one.why,
        _class(one.classing) if one.classing else None, _class(suggestion.classing), suggestion.why, one.digest,
    )  # fmt: skip


def _class(said: "Classing") -> ClassView:
    from agent.mcp.declaring.class_words import table

    plain = table(said)
    return ClassView(plain["class"], plain["fresh"], plain["repeat"], tuple(plain["touches"]), said.past.value)
