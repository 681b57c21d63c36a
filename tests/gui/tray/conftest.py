"""The real window with everything that lets it stay, on a desktop that has a tray or has none."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from agent.protocol import events
from agent.protocol.events import OptionShown
from app import demo
from app.presenters.desk import Desk
from app.resident import Resident
from app.theme.tokens import LIGHT
from app.views.look import Look
from app.views.window import Window
from tests.gui.rooms.conftest import Collected, collected, look

__all__ = ["collected", "look"]
Want = Callable[[bool], None]


@pytest.fixture
def state() -> Iterator[Path]:
    """Short, since the door is a socket."""
    with TemporaryDirectory(prefix="cy") as made:
        yield Path(made)


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether it has a tray; its last word counts. The off-screen platform has none."""
    said = [True]
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: said[-1]))
    return said


@pytest.fixture
def window(qtbot: QtBot, look: Look, collected: Collected) -> Iterator[Window]:
    look.force(LIGHT)
    made = Window(look)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.painted):
        made.show()
    made.furnish(Desk(collected.append, demo.clock))
    yield made
    made.leave()
    QApplication.setQuitOnLastWindowClosed(True)


@pytest.fixture
def resident(window: Window, state: Path, desktop: list[bool]) -> Resident:
    for event in demo.afternoon():
        window.desk.handle(event)
    return Resident(window, state)


@pytest.fixture
def want(window: Window, resident: Resident) -> Want:
    """Set `window.tray`."""
    loaded = next(event for event in demo.afternoon() if isinstance(event, events.SettingsLoaded))

    def say(wanted: bool) -> None:
        option = OptionShown("window.tray", wanted, "bool", (), "", "~/.agentrc:3")
        window.desk.handle(events.SettingsLoaded(
            path=loaded.path, text=loaded.text, options=(*loaded.options, option), problems=(),
            config_hash=loaded.config_hash, first_run=False, practice=False,
        ))  # fmt: skip

    return say
