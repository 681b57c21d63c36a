"""The real window, off-screen, over a core that only collects commands; events are the recorded ones."""

import os
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agent.protocol.commands import Command
from app import demo
from app.presenters.desk import Desk
from app.theme.tokens import LIGHT
from app.views.look import Look
from app.views.window import Window


class Collected(list[Command]):
    """What the window asked of the core."""

    def last(self, kind: type[Command]) -> Command:
        return next(command for command in reversed(self) if isinstance(command, kind))


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Look:
    made = Look(qapp, LIGHT)
    made.dress()
    return made


@pytest.fixture
def collected() -> Collected:
    return Collected()


@pytest.fixture
def window(qtbot: QtBot, look: Look, collected: Collected) -> Iterator[Window]:
    """Shown and painted, with nothing told yet."""
    look.force(LIGHT)
    made = Window(look)
    made.furnish(Desk(collected.append, demo.clock))
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.painted):
        made.show()
    yield made
    made.close()


@pytest.fixture
def full(window: Window) -> Window:
    """The window with the demo's afternoon in it."""
    for event in demo.afternoon():
        window.desk.handle(event)
    QApplication.processEvents()
    return window


@pytest.fixture
def find() -> Callable[[QWidget, str], QWidget]:
    def by_name(parent: QWidget, name: str) -> QWidget:
        QApplication.processEvents()  # what was just laid out is shown by an event
        found = parent.findChildren(QWidget, name)
        shown = [widget for widget in found if widget.isVisible()]
        assert shown, f"{name} is not to be seen (made: {len(found)})"
        return shown[-1]

    return by_name
