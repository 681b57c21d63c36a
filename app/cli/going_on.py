"""Conversations that waited for something go on with it, after a command by which it came."""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.protocol.events import Event, TurnEnded

if TYPE_CHECKING:
    from agent.compose import Runtime


def go_on(runtime: "Runtime") -> None:
    """Each in a turn of its own, until none is left or one was stopped."""
    while _went_on(runtime.resume()):
        pass


def _went_on(turn: Iterator[Event]) -> bool:
    """Whether there was one and nobody stopped it. It ends: each settles the call that it goes on from."""
    last = deque(turn, maxlen=1)
    return bool(last) and not (isinstance(last[0], TurnEnded) and last[0].cancelled)
