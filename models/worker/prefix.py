"""How much of a prompt every conversation of a setup begins with: instructions, tools, the template's own words.

Nothing is known of templates here: two made-up conversations that differ from their first word on are rendered, and
what both and the real one begin with is shared by all. It depends on the request alone, never on earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from models.contracts import ChatRequest, Message
from models.errors import ModelError
from models.snapshots.key import common

PROBES = ("1", "x")

Render = Callable[[Sequence[Message]], list[int]]


class SharedPrefix:
    """Remembers what the made-up ones share, so that instructions and tools are not rendered again for each message."""

    def __init__(self) -> None:
        self._of: object = None
        self._begun: list[int] = []

    def length(self, tokens: list[int], request: ChatRequest, render: Render) -> int:
        """In tokens. `render`: how other messages of that request would become some."""
        head = tuple(takewhile(lambda message: message.role == "system", request.messages))
        of = (head, request.tools, request.tool_choice, request.schema)
        if self._of != of or tokens[: len(self._begun)] != self._begun:  # templates may write the date
            self._of, self._begun = of, _shared(head, render)
        return common(tokens, self._begun)


def _shared(head: Sequence[Message], render: Render) -> list[int]:
    try:
        one, other = (render((*head, Message("user", probe))) for probe in PROBES)
    except ModelError:  # a template that has no such conversation
        return []
    return one[: common(one, other)]
