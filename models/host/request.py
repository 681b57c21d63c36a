"""A request on its way: what was asked, what has arrived, who has it."""

from __future__ import annotations

import itertools
import queue
from dataclasses import dataclass

from models import wire
from models.host.child import Child

_numbers = itertools.count(1)  # unique within this process, which is all that its pipes need


@dataclass(frozen=True, slots=True)
class Died:
    """The worker ended while it had the request. `stays`: no other is on its way; `closed`: the host was closed."""

    reason: str
    hung: bool
    stays: bool
    closed: bool


class Request:
    """`box` is filled by the worker's reading thread; `child` and `cancelled_at` are the keeper's, under its lock."""

    def __init__(self, order: wire.Line) -> None:
        self.id = next(_numbers)
        self.order = {**order, "id": self.id}
        self.box: queue.SimpleQueue[wire.Line | Died] = queue.SimpleQueue()
        self.child: Child | None = None  # who has it now
        self.cancelled_at: float | None = None
        self.arrived: list[str] = []  # of what is said, without what is thought
        self.begun = False  # the asker has something of the answer, so that it cannot be asked for anew

    @property
    def partial(self) -> str:
        return "".join(self.arrived)
