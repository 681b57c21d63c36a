"""Pictures and sounds that a server's tool answered with, kept as files of the library: each is what its bytes say, and
known as the server's. Called on the thread of the library.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.errors import BrokenError
from agent.library.sources import tidy
from agent.store.errors import DatabaseBusyError
from agent.tools.context import ToolContext
from agent.tools.media import Media, media_of
from agent.tools.results import Done, Enclosure, Result

FILES_MAX, FILE_BYTES_MAX = 8, 4_000_000  # of one call
FILES = "files"  # in the facts of a call
LEFT_OUT = "files_left_out"


def kept(server: str, tool: str, result: Result, context: ToolContext) -> Result:
    """The result with what came along in the library; taking the call back takes them to the trash."""
    if not isinstance(result, Done) or not result.enclosures:
        return result
    known = [(one, media) for one in result.enclosures[:FILES_MAX] if (media := _media(one))]
    files = _stored(server, tool, known, context)
    left_out = len(result.enclosures) - len(files)
    facts: dict[str, Any] = {**result.facts, FILES: files} if files else {**result.facts}
    facts |= {LEFT_OUT: left_out} if left_out else {}
    first = str(files[0]["id"]) if files else None
    return replace(result, facts=facts, artifact_id=result.artifact_id or first, enclosures=())


def _media(one: Enclosure) -> Media | None:
    return media_of(one.content) if len(one.content) <= FILE_BYTES_MAX else None


def _stored(
    server: str, tool: str, known: Sequence[tuple[Enclosure, Media]], context: ToolContext
) -> list[dict[str, Any]]:
    """Those that the disk took. What the tool did is done: a file that is not kept is counted and told, no failure."""
    library = context.library
    before = library.read_before
    library.read_before = tidy((*before, f"the server {server}"))
    try:
        return _taken(server, tool, known, context)
    finally:
        library.read_before = before


def _taken(
    server: str, tool: str, known: Sequence[tuple[Enclosure, Media]], context: ToolContext
) -> list[dict[str, Any]]:
    found = []
    for number, (one, media) in enumerate(known, 1):
        try:
            found.append(_one(server, tool, number, one, media, context))
        except DatabaseBusyError:
            break  # it has waited its time, and each further one would wait as long
        except BrokenError:
            continue
    return found


def _one(server: str, tool: str, number: int, one: Enclosure, media: Media, context: ToolContext) -> dict[str, Any]:
    name = f"{media.kind}-{number}{media.suffix}"
    said = {"name": name, "media_type": media.media_type, "bytes": len(one.content)}
    said |= {"seconds": round(media.seconds, 1)} if media.seconds is not None else {}
    title = f"{media.kind.capitalize()} {number} from {tool} of {server}"
    made = context.library.create(
        "file", title, content=one.content, data=said, conversation_id=context.conversation_id
    )
    return {"id": made.id, **said}
