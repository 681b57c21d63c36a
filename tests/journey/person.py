"""Somebody before the window: looks for things by their name, types, presses, reads."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.exceptions import TimeoutError as NeverCame
from pytestqt.qtbot import QtBot

WAIT_MS = 30_000


class Person:
    def __init__(self, bot: QtBot, window: QWidget) -> None:
        self.bot = bot
        self.window = window

    def find(self, name: str) -> QWidget | None:
        """The newest visible widget whose name begins like that."""
        found = [widget for widget in self.window.findChildren(QWidget) if widget.objectName().startswith(name)]
        shown = [widget for widget in found if widget.isVisibleTo(self.window)]
        return shown[-1] if shown else None

    def see(self, name: str) -> QWidget:
        """Wait until it is there, and return it."""
        self.until(lambda: self.find(name) is not None, f"to see {name}")
        widget = self.find(name)
        assert widget is not None
        return widget

    def press(self, name: str) -> None:
        widget = self.see(name)
        assert isinstance(widget, QAbstractButton), f"{name} is no button"
        self.until(widget.isEnabled, f"to be able to press {name}")
        self.bot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def say(self, text: str) -> None:
        box = self.see("composerText")
        box.setFocus()
        self.bot.keyClicks(box, text)
        self.bot.keyClick(box, Qt.Key.Key_Return)

    def read(self) -> str:
        """Every word on the screen."""
        shown = [widget for widget in self.window.findChildren(QWidget) if widget.isVisibleTo(self.window)]
        return "\n".join(words for words in map(_words, shown) if words)

    def until(self, condition: Callable[[], bool], about: str) -> None:
        try:
            self.bot.waitUntil(condition, timeout=WAIT_MS)
        except NeverCame as error:
            raise AssertionError(f"waited in vain {about}\n{self.read()}") from error

    def reads(self, words: str) -> None:
        self.until(lambda: words in self.read(), f"to read {words!r}")


def _words(widget: QWidget) -> str:
    match widget:
        case QTextEdit() | QPlainTextEdit():
            return widget.toPlainText()
        case QLabel() | QAbstractButton():
            return widget.text()
        case QAbstractItemView():
            rows = range(widget.model().rowCount())
            return "\n".join(str(widget.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)) for row in rows)
    return ""
