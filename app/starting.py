"""What follows the first paint: the worker is started, the rooms are imported and put in, the profile is opened.

Imports go on beside the event loop, so that keys are taken all the time; what touches widgets is on the main thread.
"""

import gc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from agent.spans import span
from agent.unsent import Unsent
from app.late_core import LateCore
from app.views.window import Window

if TYPE_CHECKING:
    from agent.protocol.events import Event
    from app.bridge import Bridge, Core

OpenCore = Callable[[Callable[["Event"], None]], "Core"]
Prepare = Callable[[], None]
NEEDED = ("app.bridge", "app.presenters.desk", "app.views.furniture", "app.views.shortcuts", "agent.session.thread")


class Starting(QObject):
    _imported = Signal()

    def __init__(self, window: Window, unsent: Unsent, state: Path, open_the_core: OpenCore, prepare: Prepare) -> None:
        super().__init__()
        self._window, self._core, self._state = window, LateCore(unsent), state
        self._open_the_core, self._prepare = open_the_core, prepare
        self._bridge: Bridge | None = None
        self._thread = Thread(target=self._import, name="rooms", daemon=True)
        self._imported.connect(self._furnish, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Nothing is put in or delivered any more: the window is going, the core is closed last."""
        self._imported.disconnect()
        self._thread.join()
        if self._bridge:
            self._bridge.close()
        self._core.close()

    def _import(self) -> None:
        self._prepare()
        with span("rooms imports"):
            for name in NEEDED:
                import_module(name)
        self._imported.emit()

    def _furnish(self) -> None:
        from app.bridge import Bridge
        from app.presenters.desk import Desk

        with span("rooms"):
            desk = Desk(self._core.submit)
            desk.start()  # these questions are answered first, whatever was sent meanwhile
            self._window.furnish(desk)
        self._bridge = bridge = Bridge(desk.handle)
        self._core.open(self._open_the_core(_both(self._core.heard, bridge.receive)))
        listen_to_network(self._window)
        self._reside()
        gc.enable()
        self._window.ready.emit()

    def _reside(self) -> None:
        """Where a closed window may stay, and where a second start knocks."""
        from app.resident import Resident

        Resident(self._window, self._state)


def _both(first: Callable[["Event"], None], second: Callable[["Event"], None]) -> Callable[["Event"], None]:
    def tell(event: "Event") -> None:
        first(event)
        second(event)

    return tell


def listen_to_network(window: Window) -> None:
    from app.views.network_hint import NetworkHint

    NetworkHint(window.desk.status, window)
