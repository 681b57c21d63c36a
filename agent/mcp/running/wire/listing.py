"""What a server says it has, page by page and within bounds, as plain records."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError

from agent.mcp.limits import (
    ABOUT_CHARACTERS_MAX,
    DECLARATION_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    PAGES_MAX,
    TOOLS_MAX,
)
from agent.mcp.records import Hints, ListedPrompt, ListedResource, ListedTool, Refused
from agent.mcp.running.framing import BrokeRulesError
from agent.mcp.running.wire.sorting import Sorting
from agent.tools.schema_check import faults

Page = TypeVar("Page", bound=types.PaginatedResult)


async def tools(session: ClientSession, sorting: Sorting) -> tuple[tuple[ListedTool, ...], int]:
    """Those that can be called by their name, and how many cannot: its name is none, or was given before."""
    if not (session.server_capabilities and session.server_capabilities.tools):
        return (), 0
    said = await _pages(lambda at: session.list_tools(params=at), lambda page: page.tools)
    named: dict[str, types.Tool] = {}
    for one in said:
        if _is_name(one.name):
            named.setdefault(one.name, one)
    found = tuple(map(_tool, named.values()))
    good = tuple(tool for tool in found if _is_kept(tool, sorting))
    return good, len(said) - len(named)


def _is_kept(tool: ListedTool, sorting: Sorting) -> bool:
    """A declaration that nobody could read, or keep beside the others, is set aside."""
    try:
        size = len(json.dumps([tool.schema, tool.output], ensure_ascii=False))
    except (ValueError, RecursionError):
        size = -1
    if 0 <= size <= DECLARATION_CHARACTERS_MAX:
        return True
    too_long = f"Its declaration is longer than {DECLARATION_CHARACTERS_MAX:,} characters."
    sorting.refuse(
        "tools/list", Refused("tool", tool.name, too_long if size > 0 else "Its declaration cannot be read.")
    )
    return False


def _is_name(name: str) -> bool:
    """One that a person can read, and that stands in the settings as it is."""
    return bool(name.strip()) and name.isprintable() and len(name) <= NAME_CHARACTERS_MAX


def can_be_used(tool: ListedTool, sorting: Sorting) -> bool:
    """What our own check of its arguments refuses is shown as such, and not put before the user as a tool to class."""
    wrong = faults(tool.schema)
    if wrong:
        sorting.refuse("tools/list", Refused("tool", tool.name, f"It cannot be used: {', '.join(wrong[:3])}."[:500]))
    return not wrong


async def resources(session: ClientSession) -> tuple[ListedResource, ...]:
    if not (session.server_capabilities and session.server_capabilities.resources):
        return ()
    plain = await _pages(lambda at: session.list_resources(params=at), lambda page: page.resources)
    shapes = await _pages(lambda at: session.list_resource_templates(params=at), lambda page: page.resource_templates)
    return (
        *(_resource(str(one.uri), one) for one in plain),
        *(_resource(one.uri_template, one, is_template=True) for one in shapes),
    )


async def prompts(session: ClientSession) -> tuple[ListedPrompt, ...]:
    if not (session.server_capabilities and session.server_capabilities.prompts):
        return ()
    return tuple(
        _prompt(one) for one in await _pages(lambda at: session.list_prompts(params=at), lambda page: page.prompts)
    )


async def _pages(
    ask: Callable[[types.PaginatedRequestParams | None], Awaitable[Page]], take: Callable[[Page], list[Any]]
) -> list[Any]:
    """Nothing where the server does not know this list. Raises BrokeRulesError for one without an end."""
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(PAGES_MAX):
        try:
            page = await ask(types.PaginatedRequestParams(cursor=cursor) if cursor else None)
        except MCPError as error:
            if error.code == types.METHOD_NOT_FOUND:
                return found
            raise
        found += take(page)
        if len(found) > TOOLS_MAX:
            break
        cursor = page.next_cursor
        if not cursor:
            return found
    raise BrokeRulesError(f"lists more than {TOOLS_MAX} entries, or without an end")


def _tool(one: types.Tool) -> ListedTool:
    said = one.annotations or types.ToolAnnotations()
    return ListedTool(
        name=one.name,
        title=(one.title or said.title or "")[:NAME_CHARACTERS_MAX],
        about=(one.description or "")[:ABOUT_CHARACTERS_MAX],
        schema=one.input_schema,
        output=one.output_schema,
        hints=Hints(said.read_only_hint, said.destructive_hint, said.idempotent_hint, said.open_world_hint),
    )


def _resource(uri: str, one: types.Resource | types.ResourceTemplate, *, is_template: bool = False) -> ListedResource:
    return ListedResource(
        uri=uri[:ABOUT_CHARACTERS_MAX], name=(one.title or one.name)[:NAME_CHARACTERS_MAX],
        about=(one.description or "")[:ABOUT_CHARACTERS_MAX], media_type=(one.mime_type or "")[:NAME_CHARACTERS_MAX],
        is_template=is_template,
    )  # fmt: skip


def _prompt(one: types.Prompt) -> ListedPrompt:
    arguments = (one.arguments or [])[:TOOLS_MAX]
    return ListedPrompt(
        one.name[:NAME_CHARACTERS_MAX],
        (one.description or "")[:ABOUT_CHARACTERS_MAX],
        tuple(
            (each.name[:NAME_CHARACTERS_MAX], (each.description or "")[:ABOUT_CHARACTERS_MAX], bool(each.required))
            for each in arguments
        ),
    )
