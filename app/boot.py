"""The order of a cold start: Qt, a window to write in, its first paint; then the worker, the rooms, the profile.

Until the first paint neither the database nor a model library, a keyring, numpy or a tool is imported, nor a record of
the protocol (a test holds that). What the user sends before the profile is open is on the disk and waits its turn.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from agent.spans import lap, span

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from agent.protocol.events import Event
    from agent.unsent import Unsent
    from app.bridge import Core
    from app.starting import OpenCore, Prepare, Starting
    from app.views.window import Window
    from models.contracts import ModelPort

NO_SCREEN = 3


class Profile:
    """This machine's own core: its worker is started before its session, so that the model loads meanwhile."""

    def __init__(self) -> None:
        self.starter: ModelPort | None = None

    def prepare(self) -> None:
        self.starter = start_worker()

    def open(self, emit: Callable[["Event"], None]) -> "Core":
        return open_core(emit, self.starter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; returns the exit code."""
    if not has_screen():
        sys.stderr.write("Carryon: there is no screen here. In the terminal the same is: carryon ask\n")
        return NO_SCREEN
    from app.single import is_second

    if is_second(_state_folder()):  # it is shown now
        return 0
    profile = Profile()
    return run(profile.open, list(arguments if arguments is not None else sys.argv[1:]), profile.prepare)


def run(open_the_core: "OpenCore", arguments: Sequence[str] = (), prepare: "Prepare" = lambda: None) -> int:
    """Show the window until it is closed."""
    begin()
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(["carryon", *arguments])
    assert isinstance(app, QApplication)
    lap("qt")
    with opened(app, open_the_core, prepare) as window:
        window.show()
        return app.exec()


def begin() -> None:
    """The first thing that a start does. Nothing it makes is garbage, so nobody looks for any until it is over."""
    lap("interpreter")
    gc.disable()


@contextmanager
def opened(app: "QApplication", open_the_core: "OpenCore", prepare: "Prepare" = lambda: None) -> Iterator["Window"]:
    """The window over a core that is opened only after the first paint, and closed with it.

    `prepare` is run on a thread of its own, once the window is painted and before the rooms are imported.
    """
    from PySide6.QtCore import QTimer

    from app.presenters.early import EarlyComposer
    from app.views.look import Look
    from app.views.window import Window

    lap("window imports")
    app.setApplicationName("carryon")
    app.setApplicationDisplayName("Carryon")
    app.setDesktopFileName("carryon")
    state = _state_folder()
    look = Look(app)
    unsent = cache(lambda: _unsent(state))
    early = EarlyComposer(lambda key, text: unsent().keep(key, text))
    window = Window(look, _memory(state), early)
    look.dress_first(window)
    lap("window")
    starting: Starting | None = None

    def painted() -> None:
        lap("first paint")
        QTimer.singleShot(0, go_on)  # first whoever waits for the paint, and keys that came meanwhile

    def go_on() -> None:
        nonlocal starting
        with span("start imports"):
            from app.starting import Starting

            starting = Starting(window, unsent(), state, open_the_core, prepare)
        starting.begin()

    window.painted.connect(painted)
    try:
        yield window
    finally:
        window.leave()
        if starting:
            starting.close()


def start_worker() -> "ModelPort | None":
    """The model loads while the rooms do: two cores, two jobs. None when it cannot: the session then says why."""
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


def _state_folder() -> "Path":
    from agent.paths import Paths

    return Paths.of().make().state


def _unsent(folder: "Path") -> "Unsent":
    """Made when the first message is sent, or when the window is painted."""
    from agent.unsent import Unsent

    return Unsent(folder)


def _memory(folder: "Path") -> "QSettings":
    """Where the window was, and what it could not store."""
    from PySide6.QtCore import QSettings

    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


if __name__ == "__main__":
    sys.exit(main())
