"""The order of a cold start: the worker process first, then Qt, then a window to write in, then everything else.

Until the first paint neither the database nor a model library, a keyring or a tool is imported (a test holds that).
What the user types before the profile is open waits in the composer; nothing of it is lost.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.paths import Paths

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from agent.protocol.commands import Command
    from agent.protocol.events import Event
    from app.bridge import Core
    from app.presenters.desk import Desk
    from app.views.window import Window
    from models.contracts import ModelPort

NO_SCREEN = 3
OpenCore = Callable[[Callable[["Event"], None]], "Core"]


class LateCore:
    """Takes commands from the first moment; the real core gets them, in order, once it is open."""

    def __init__(self) -> None:
        self._waiting: list[Command] = []
        self._core: Core | None = None

    def open(self, core: "Core") -> None:
        self._core = core
        waiting, self._waiting = self._waiting, []
        for command in waiting:
            core.submit(command)

    def submit(self, command: "Command") -> None:
        if self._core:
            self._core.submit(command)
        else:
            self._waiting.append(command)

    def close(self) -> None:
        if self._core:
            self._core.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; returns the exit code."""
    if not has_screen():
        sys.stderr.write("Carryon: there is no screen here. In the terminal the same is: carryon ask\n")
        return NO_SCREEN
    starter = start_worker()
    return run(lambda emit: open_core(emit, starter), list(arguments if arguments is not None else sys.argv[1:]))


def run(open_the_core: OpenCore, arguments: Sequence[str] = ()) -> int:
    """Show the window until it is closed."""
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(["carryon", *arguments])
    assert isinstance(app, QApplication)
    with opened(app, open_the_core) as window:
        window.show()
        return app.exec()


@contextmanager
def opened(app: "QApplication", open_the_core: OpenCore) -> Iterator["Window"]:
    """The window over a core that is opened only after the first paint, and closed with it."""
    from PySide6.QtCore import QSettings

    from app.bridge import Bridge
    from app.presenters.desk import Desk
    from app.views.look import Look
    from app.views.window import Window

    app.setApplicationName("carryon")
    app.setApplicationDisplayName("Carryon")
    app.setDesktopFileName("carryon")
    core = LateCore()
    desk = Desk(core.submit)
    bridge = Bridge(desk.handle)
    look = Look(app)
    window = Window(look, desk, QSettings(str(_memory_file()), QSettings.Format.IniFormat))
    look.dress()

    def after_paint() -> None:
        core.open(open_the_core(bridge.receive))
        desk.show_view(window.view)
        listen_to_network(window, desk)

    desk.start()  # these questions are answered first, whatever is typed meanwhile
    window.painted.connect(after_paint)
    try:
        yield window
    finally:
        window.close()
        bridge.close()
        core.close()


def listen_to_network(window: "Window", desk: "Desk") -> None:
    from app.views.network_hint import NetworkHint

    NetworkHint(desk.status, window)


def start_worker() -> "ModelPort | None":
    """The model loads while Qt does: two cores, two jobs. None when it cannot: the session then says why."""
    from agent.headstart import start_worker_early
    from models.errors import ModelError

    try:
        return start_worker_early()
    except (ModelError, OSError):
        return None


def open_core(emit: Callable[["Event"], None], starter: "ModelPort | None") -> "Core":
    """The profile on a thread of its own; `starter` is closed with it."""
    from agent.session.thread import start_session

    return start_session(emit, starter)


def has_screen() -> bool:
    """On Linux a window needs a display server, or a platform that was chosen on purpose."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _memory_file() -> Path:
    return Paths.of().make().state / "window.ini"


if __name__ == "__main__":
    sys.exit(main())
