"""A server that behaves, by the protocol's own library: `python kind.py stdio`, or `http PORT`."""

import sys

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

server = MCPServer("kind", version="3")


class Colour(BaseModel):
    colour: str


class Sum(BaseModel):
    total: int


@server.tool()
def add(one: int, other: int) -> Sum:
    """Adds two numbers."""
    return Sum(total=one + other)


@server.tool()
async def count(context: Context, up_to: int) -> str:
    """Counts and says how far it is."""
    for number in range(up_to):
        await context.report_progress(number + 1, up_to, f"at {number + 1}")
    return f"counted to {up_to}"


@server.tool()
async def paint(context: Context) -> str:
    """Asks for a colour."""
    answer = await context.elicit("Which colour?", Colour)
    return f"painted {answer.data.colour}" if answer.action == "accept" else "left as it was"


@server.resource("note://kind")
def note() -> str:
    """A note."""
    return "be kind"


@server.prompt()
def thank(whom: str) -> str:
    """Thanks somebody."""
    return f"Thank {whom}"


if __name__ == "__main__":
    if sys.argv[1] == "http":
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run("stdio")
