"""A model that rests, in the real window: the status line says so at any width, and the first key wakes it."""

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from agent.pool.policy import WORDS, Why
from agent.protocol import commands, events
from app import demo
from app.views.window import SIZE_MIN, Window
from tests.gui.rooms.conftest import Collected
from tests.gui.rooms.test_names_and_focus import cut_words


@pytest.fixture
def resting(window: Window) -> Window:
    for event in demo.afternoon():
        window.desk.handle(event)
    window.desk.handle(events.ConnectivityChanged(state="offline", manual=True, why="You asked for it"))
    window.desk.handle(events.ModelStateChanged(state="resting", name="starter", why=WORDS[Why.TRAY]))
    return window


def state_of(window: Window) -> QPushButton:
    found = window.status.findChild(QPushButton, "status-state")
    assert isinstance(found, QPushButton)
    return found


@pytest.mark.parametrize("width", [SIZE_MIN[0], 900, 1280])
def test_the_line_fits(resting: Window, qtbot: QtBot, width: int) -> None:
    resting.resize(width, 700)

    def nothing_is_cut() -> None:
        line = [words for words in cut_words(resting) if "status" in words or "F1" in words]
        assert line == []

    qtbot.waitUntil(nothing_is_cut, timeout=3_000)
    assert resting.status.minimumSizeHint().width() <= resting.status.width()
    whole = "resting while the window is away; wakes when you write"
    shown = state_of(resting)
    assert whole.startswith(shown.text().rstrip("…").strip())
    assert (shown.text() == whole) == (width > SIZE_MIN[0])
    assert shown.accessibleName() == whole, "who hears the screen hears all of it"


def test_wider_again_it_says_everything(resting: Window) -> None:
    for width in (SIZE_MIN[0], 1280):
        resting.resize(width, 700)
        QApplication.processEvents()
    assert state_of(resting).text().endswith("wakes when you write")


def test_the_first_key_wakes_it(resting: Window, collected: Collected, qtbot: QtBot) -> None:
    collected.clear()
    qtbot.keyClicks(resting.chat.composer.box, "hel")
    assert [type(command) for command in collected if not isinstance(command, commands.SaveDraft)] == [
        commands.WakeModels
    ]
