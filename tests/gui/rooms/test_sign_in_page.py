"""The network's sign-in page is opened by a press, and by nothing else."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agent.protocol import commands, events
from agent.protocol.network_commands import AwaitSignIn
from app.views.window import Window

PAGE = "http://hotel.example/welcome"


class Browser(QObject):
    """Takes the place of the user's."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    QDesktopServices.setUrlHandler("http", made, "open")
    yield made
    QDesktopServices.unsetUrlHandler("http")


def test_a_press_opens_it_and_what_waits_is_tried_soon(
    full: Window, browser: Browser, collected: list[commands.Command], find: Callable[[QWidget, str], QWidget],
    qtbot: QtBot,
) -> None:  # fmt: skip
    full.desk.handle(
        events.ConnectivityChanged(
            state="degraded", manual=False, why="The network may want you to sign in.", sign_in=True, sign_in_url=PAGE
        )
    )
    button = find(full, "status-sign-in")
    assert button.text() == "Open the sign-in page (hotel.example)"  # type: ignore[attr-defined]
    assert PAGE in button.toolTip()
    assert browser.opened == []
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert browser.opened == [PAGE]
    assert isinstance(collected[-1], AwaitSignIn)
    full.desk.handle(events.ConnectivityChanged(state="online", manual=False, why=""))
    assert not button.isVisible()
    assert browser.opened == [PAGE]
