"""Reading a server's resources as one more of its tools, so that it is classed, asked about and called like the others.

What may be read changes all the time and is no part of the declaration that the user looks at; the card names some.
"""

from collections.abc import Sequence

from agent.mcp.records import Hints, ListedResource, ListedTool, Listing

READ = "resources/read"  # as the protocol calls it; no tool's own name
SHOWN_MAX, SHOWN_CHARACTERS_MAX = 20, 600
ABOUT = "Reads a text that the server keeps under an address."
SCHEMA = {
    "type": "object",
    "properties": {"uri": {"type": "string", "description": "Its address, as the server wrote it."}},
    "required": ["uri"],
    "additionalProperties": False,
}
TOOL = ListedTool(READ, "Read", ABOUT, SCHEMA, None, Hints(read_only=True))


def with_reading(listing: Listing) -> tuple[ListedTool, ...]:
    """The tools, and the one to read with where there is something to read."""
    if not listing.resources or any(tool.name == READ for tool in listing.tools):
        return listing.tools
    return (*listing.tools, TOOL)


def named(resources: Sequence[ListedResource]) -> str:
    """Some of what can be read, for a card."""
    shown = [f"{one.uri} ({one.name})" if one.name else one.uri for one in resources[:SHOWN_MAX]]
    more = f", and {len(resources) - SHOWN_MAX} more" if len(resources) > SHOWN_MAX else ""
    return f"There are: {', '.join(shown)[:SHOWN_CHARACTERS_MAX]}{more}."
