"""Cards of a server's tools, made of the settings, of what the server said when last asked, and of what the user said
its tools are. Starts nothing."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.agentrc.servers import Server
from agent.mcp.declaring.classes import Standing, standing
from agent.mcp.declaring.declared import classing, identity_of
from agent.mcp.declaring.naming import names
from agent.mcp.declaring.reading import READ, named, with_reading
from agent.mcp.records import ListedResource, ListedTool, Listing, ServerEntry
from agent.tools.servers import ServerSpec, Theirs
from agent.tools.spec import SERVER, Kind, Param, ToolSpec
from sync.steering import without

ABOUT_CHARACTERS_MAX, ARGUMENT_CHARACTERS_MAX, ARGUMENTS_MAX = 1_000, 300, 200


@dataclass(frozen=True, slots=True)
class Made:
    """One server as the registry takes it, and how each of its tools stands."""

    spec: ServerSpec
    standings: tuple[Standing, ...]


def make(
    server: Server, entry: ServerEntry, listing: Listing | None, found_changed: Container[str] = ()
) -> Made:  # fmt: skip
    """Of a server that was never asked there are no tools. `found_changed`: by their own names, tools that say
    something else of themselves than the listing does."""
    tools = with_reading(listing) if listing else ()
    called = names(server.name, (tool.name for tool in tools))
    said = {name: classing(one) for name, one in server.tools.items()}
    standings = tuple(
        standing(called[tool.name], tool, said.get(tool.name), entry, found_changed=tool.name in found_changed)
        for tool in tools
    )
    usable = [one for one in standings if one.usable]
    resources = listing.resources if listing else ()
    specs = tuple(_card(one, server.name, resources) for one in usable)
    theirs = {one.name: Theirs(one.tool.name, one.digest) for one in usable}
    spec = ServerSpec(server.name, entry.command or (entry.url,), specs, theirs, identity_of(entry))
    return Made(spec, standings)


def _card(one: Standing, server: str, resources: tuple[ListedResource, ...]) -> ToolSpec:
    said = one.classing
    assert said is not None, "only what the user classed has a card"
    words = f"{about(one.tool)} {seen(named(resources))}" if one.tool.name == READ else about(one.tool)
    return ToolSpec(
        one.name, words, f"{SERVER}{server}", params(one.tool.schema), said.connectivity, said.fresh_for_s,
        said.idempotency, said.touches, {"type": "object", **one.tool.schema}, said.past,
    )  # fmt: skip


def about(tool: ListedTool) -> str:
    """Its own words on one line, without what cannot be seen."""
    words = seen(tool.about) or seen(tool.title) or tool.name
    return words if len(words) <= ABOUT_CHARACTERS_MAX else f"{words[: ABOUT_CHARACTERS_MAX - 1]}…"


def seen(text: str) -> str:
    return " ".join(without(text).split())


def params(schema: Mapping[str, Any]) -> tuple[Param, ...]:
    described = schema.get("properties", {})
    if not isinstance(described, Mapping):
        return ()
    required = schema.get("required", ())
    required = required if isinstance(required, list | tuple) else ()
    found = list(described.items())[:ARGUMENTS_MAX]
    return tuple(Param(str(name), _kind(one), _said(str(name), one), name in required) for name, one in found)


def _said(name: str, described: Any) -> str:
    words = described.get("description") or described.get("title") if isinstance(described, Mapping) else ""
    return (seen(words) if isinstance(words, str) else "")[:ARGUMENT_CHARACTERS_MAX] or f"{name.replace('_', ' ')}."


def _kind(described: Any) -> Kind:
    """A number where only numbers may stand; everything else is a text, or JSON as text."""
    kinds = set(_kinds(described)) - {"null"}
    if kinds and kinds <= {"integer", "number"}:
        return Kind.NUMBER
    is_address = isinstance(described, Mapping) and described.get("format") in ("uri", "url")
    return Kind.URL if is_address else Kind.TEXT


def _kinds(described: Any) -> Iterator[str]:
    if not isinstance(described, Mapping):
        return
    said = described.get("type", ())
    several = said if isinstance(said, list | tuple) else ()
    yield from (said,) if isinstance(said, str) else (kind for kind in several if isinstance(kind, str))
    either = described.get("anyOf")
    for one in either if isinstance(either, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("type"), str):
            yield one["type"]
