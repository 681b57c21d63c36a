"""What the last process was given and died with: back into the box, as drafts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.protocol import events
from agent.unsent import left_over

if TYPE_CHECKING:
    from agent.runtime import Runtime


def take_up(runtime: "Runtime") -> Iterator[events.Event]:
    """A file goes only once all that was in it is stored; so a death in here loses nothing either."""
    if runtime.connection.read_only:
        return
    brought = 0
    for path, waiting in left_over(runtime.paths.state):
        for one in reversed(waiting):  # each goes before what stands there, so the first comes out first
            brought += runtime.conversations.bring_back(one.conversation_id, one.text, one.at, one.sources)
        path.unlink(missing_ok=True)
    if brought:
        yield events.Failed(
            what="Carryon ended before it could read what you sent last. It is back in the box.",
            todo="Press Enter to send it.",
        )
