"""What is painted first beside the rail: the box to write in at its place, and emptiness where the rest will be.

It lives for a tenth of a second and is as good as the real box meanwhile: it takes text, and Enter sends. As few of
Qt's classes as will do are touched here, since each costs some tenths of a millisecond (README, why 18).
"""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.presenters.early import EarlyComposer
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import layouts
from app.views.look import Look

LIST_WIDTH = 250
FOOT_HEIGHT = 31  # of the status line
PLACEHOLDER = "Ask, note, plan, or say what should go out…"
ENTER = (0x01000004, 0x01000005)  # Qt.Key.Key_Return, Key_Enter
SHOWN_CHARACTERS_MAX = 70


class Shell(QWidget):
    """`painted` is called at its first paint, once all of the window has been drawn."""

    def __init__(self, look: Look, early: EarlyComposer, painted: Callable[[], None]) -> None:
        super().__init__()
        self._early = early
        self.box = FirstBox(self._send)
        self._hint = QLabel("Enter sends · Shift+Enter for a new line")
        self._hint.setProperty("face", "small")
        self._hint.setProperty("tone", "muted")
        self.setLayout(layouts.column(self._rooms(look), _Foot(painted), gap=0))
        early.listen(lambda _part, _key: self._show())

    def text(self) -> str:
        """What stands in the box and was not sent."""
        return self.box.toPlainText()

    def _rooms(self, look: Look) -> QHBoxLayout:
        side = layouts.frame("side", layouts.column())
        side.setFixedWidth(LIST_WIDTH)
        middle = layouts.column(None, gap=0)
        middle.addLayout(foot(layouts.column(self._composer(look))))
        rooms = layouts.row(side, layouts.frame("reading", middle), gap=1)
        rooms.setStretch(1, 1)
        return rooms

    def _composer(self, look: Look) -> QFrame:
        send = QToolButton()
        send.setProperty("kind", "primary")
        send.setIcon(look.icon("send", "on_accent", 20))
        send.setIconSize(QSize(20, 20))
        send.setFixedSize(36, 36)
        send.clicked.connect(lambda _checked=False: self._send())
        under = layouts.row(self._hint, None, send, gap=GAP_2)
        inner = layouts.column(self.box, under, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_2, GAP_2))
        made = layouts.frame("composer", inner)
        made.setProperty("focused", "true")
        return made

    def _send(self) -> None:
        self._early.typed(self.text())
        self._early.send()

    def _show(self) -> None:
        if self.text() != self._early.text:
            self.box.setPlainText(self._early.text)
        if self._early.pending:
            self._hint.setText(f"On its way: “{self._early.pending[0].text[:SHOWN_CHARACTERS_MAX]}”")


class FirstBox(QPlainTextEdit):
    def __init__(self, send: Callable[[], None]) -> None:
        super().__init__()
        self._send = send
        self.setObjectName("composerText")
        self.setAccessibleName("Message")
        self.setPlaceholderText(PLACEHOLDER)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(self.fontMetrics().lineSpacing() + round(self.document().documentMargin() * 2) + 6)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        from PySide6.QtCore import Qt

        if event.key() in ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._send()
        else:
            super().keyPressEvent(event)


class _Foot(QFrame):
    """The place of the status line. The last widget to be painted, so it knows when the window has been."""

    def __init__(self, painted: Callable[[], None]) -> None:
        super().__init__()
        self._painted: Callable[[], None] | None = painted
        self.setProperty("panel", "foot")
        self.setFixedHeight(FOOT_HEIGHT)
        words = QLabel("Opening your profile…")
        words.setProperty("face", "small")
        words.setProperty("tone", "muted")
        self.setLayout(layouts.row(words, None, margins=(GAP_4, 0, GAP_3, 0)))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._painted:
            told, self._painted = self._painted, None
            told()


def foot(below: QVBoxLayout) -> QHBoxLayout:
    """The box and what stands over it, no wider than a line that can be read."""
    inner = layouts.box(below)
    inner.setMaximumWidth(READING_WIDTH_MAX)
    centred = layouts.row(gap=0, margins=(GAP_6, 0, GAP_6, GAP_3))
    centred.addStretch(1)
    centred.addWidget(inner, 1000)
    centred.addStretch(1)
    return centred
