"""A question to a server's online tool that waited in the outbox: asked now, under the declaration that the user looked
at. Asking again does no harm, so what broke off is simply tried again."""

from agent.mcp.calling.answers import done
from agent.mcp.calling.transport import WITHIN_S, asked, meaning
from agent.mcp.declaring.reading import READ
from agent.mcp.errors import McpError
from agent.mcp.running.line import Line
from agent.tools.asking import Fresh
from agent.tools.errors import ToolRefusedError
from sync.item import Item
from sync.transports.outcomes import RejectedError


def questioned(line: Line, item: Item) -> Fresh:
    """Raises as a transport does."""
    name = line.entry.name
    tool, args, digest = asked(item, name)
    try:
        if tool == READ:
            outcome = line.read(str(args.get("uri", "")))
        else:
            outcome = line.call(tool, args, digest=digest, within_s=WITHIN_S)
    except McpError as error:
        raise meaning(error, name, tool, offered=False, here=bool(line.entry.command)) from error
    try:
        return Fresh(done(name, tool, outcome).facts)
    except ToolRefusedError as error:  # in the server's own words
        raise RejectedError(error.what, error.where, error.todo) from error
