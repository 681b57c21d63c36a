"""The shape of every presenter: it hears events, keeps one screen's state, and says which part of it changed.

A presenter never touches a widget and never waits. Listeners get a part ("rows") and, where one row changed, its key.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from agent.protocol.commands import Command
from agent.protocol.events import Event

Submit = Callable[[Command], None]
Clock = Callable[[], float]  # unix seconds
Listener = Callable[[str, str], None]
Handlers = Mapping[type[Event], Callable[[Any], None]]


class Presenter:
    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        self._submit = submit
        self._clock = clock
        self._listeners: list[Listener] = []
        self._handlers = self.handlers()

    def handlers(self) -> Handlers:
        """Which events this presenter hears, and who deals with each."""
        return {}

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def handle(self, event: Event) -> None:
        if handler := self._handlers.get(type(event)):
            handler(event)

    def now_ms(self) -> int:
        return int(self._clock() * 1000)

    def _changed(self, part: str, key: str = "") -> None:
        for listener in tuple(self._listeners):
            listener(part, key)


class AreaPresenter(Presenter):
    """A presenter of one area of the store. While its screen is hidden it only remembers that it is out of date."""

    area = ""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._visible = False
        self._stale = True

    def show(self) -> None:
        self._visible = True
        if self._stale:
            self._stale = False
            self.refresh()

    def hide(self) -> None:
        self._visible = False

    @property
    def is_resting(self) -> bool:
        return not self._visible

    def refresh(self) -> None:
        """Ask the core for this area anew."""

    def heard_areas(self, areas: frozenset[str]) -> None:
        if self.area not in areas:
            return
        if self._visible:
            self.refresh()
        else:
            self._stale = True
