"""A person in front of the real window: real core, real worker, real starter model, real mail server on loopback.

Rebuilt from how test_journey.py uses it: the first text of this file was overwritten by mistake. To be compared with
what was meant.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import boot
from app.views.window import Window
from tests.flow.conftest import agentrc, mailbox  # noqa: F401  the same machine as in the flow

WAIT_MS_MAX = 30_000


@dataclass
class Person:
    window: Window
    qtbot: QtBot

    def until(self, holds: Callable[[], bool], what: str) -> None:
        def look() -> None:
            assert holds(), f"waited for {what}; on the screen:\n{self.read()}"

        self.qtbot.waitUntil(look, timeout=WAIT_MS_MAX)

    def see(self, name: str) -> QWidget:
        """The widget of that name, or of a name that goes on with an id."""
        self.until(lambda: self._find(name) is not None, f"{name} to be there")
        found = self._find(name)
        assert found is not None
        return found

    def press(self, name: str) -> None:
        button = self.see(name)
        self.until(button.isEnabled, f"{name} to be enabled")
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def say(self, text: str) -> None:
        box = self.see("composerText")
        self.qtbot.keyClicks(box, text)
        self.qtbot.keyClick(box, Qt.Key.Key_Return)

    def reads(self, words: str) -> None:
        self.until(lambda: words in self.read(), f"“{words}” to be read")

    def read(self) -> str:
        """All words that can be seen in the window."""
        return "\n".join(text for widget in self._shown() if (text := _words(widget)))

    def _find(self, name: str) -> QWidget | None:
        shown = [w for w in self._shown() if w.objectName() == name or w.objectName().startswith(f"{name}-")]
        return shown[-1] if shown else None

    def _shown(self) -> list[QWidget]:
        return [widget for widget in self.window.findChildren(QWidget) if widget.isVisible()]


def _words(widget: QWidget) -> str:
    if isinstance(widget, (QPlainTextEdit, QTextEdit)):
        return widget.toPlainText()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QAbstractItemView):
        model = widget.model()
        return "\n".join(
            str(model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole)) for row in range(model.rowCount())
        )
    return widget.text() if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)) else ""


@pytest.fixture
def person(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Person]:
    starter = boot.start_worker()
    with boot.opened(qapp, lambda emit: boot.open_core(emit, starter)) as window:
        with qtbot.waitSignal(window.painted):
            window.show()
        yield Person(window, qtbot)
