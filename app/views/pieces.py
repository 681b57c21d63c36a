"""The small pieces that every screen is made of. Each that can have the focus gets a name for people and for tests.

Labels show plain text only: what they say may come from anywhere.
"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.presenters.wording import hint as plain_hint
from app.theme.tokens import GAP_2, GAP_3
from app.views.layouts import Part, box, column, frame, row
from app.views.look import Look

__all__ = [
    "ENTER", "ElidedLabel", "IconButton", "IconLabel", "OnClick", "Part", "PushButton", "WrappedLabel", "box", "button",
    "chip", "column", "empty", "frame", "label", "line", "row", "set_property",
]  # fmt: skip
WRAP_WIDTH, WRAP_CHARACTERS = 460, 200  # what wrapped words ask for
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
OnClick = Callable[[], object]


def label(text: str = "", face: str = "", tone: str = "", *, wrap: bool = False, name: str = "") -> QLabel:
    made = WrappedLabel(text) if wrap else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    _set(made, face=face, tone=tone)
    made.setObjectName(name)
    return made


def chip(text: str = "", tone: str = "muted", name: str = "") -> QLabel:
    made = label(text, tone=tone, name=name)
    made.setProperty("chip", "true")
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


class WrappedLabel(QLabel):
    """Words over several lines. It asks for a readable width and is content with less; Qt's own guess is far off."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)

    def sizeHint(self) -> QSize:
        lines = self.text().split("\n")
        wanted = max(QFontMetrics(self.font()).horizontalAdvance(line[:WRAP_CHARACTERS]) for line in lines) + 4
        width = min(wanted, WRAP_WIDTH)
        return QSize(width, max(self.heightForWidth(width), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, QFontMetrics(self.font()).height())


class ElidedLabel(QLabel):
    """One line that ends in "…" where there is no room, and says the whole when pointed at."""

    def __init__(self, text: str = "", face: str = "", tone: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)
        _set(self, face=face, tone=tone)
        self._whole = ""
        self.say(text)

    def say(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(self.width() - 2, 8)
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(plain_hint(self._whole) if shown != self._whole else "")

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 4, super().sizeHint().height())


class PushButton(QPushButton):
    """Pressed by Enter as by Space, wherever it stands."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.click() if event.key() in ENTER else super().keyPressEvent(event)


def button(text: str, on_click: OnClick, name: str, *, kind: str = "", hint: str = "") -> QPushButton:
    made = PushButton(text)
    made.setObjectName(name)
    made.setToolTip(hint)
    made.setAccessibleName(text or hint)
    made.setAccessibleDescription(hint)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    _set(made, kind=kind)
    made.clicked.connect(lambda _checked=False: on_click())
    return made


class IconButton(QToolButton):
    """A button that shows only an icon; `hint` is its name for people who hear the screen."""

    def __init__(
        self, look: Look, icon: str, hint: str, on_click: OnClick | None, name: str, *,
        kind: str = "quiet", role: str = "muted", keys: str = "", size: int = 18,
    ) -> None:  # fmt: skip
        super().__init__()
        self._look, self._icon, self._role, self._size = look, icon, role, size
        self.setObjectName(name)
        self.setIconSize(QSize(size, size))
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        self.setToolTip(f"{hint} ({shown})" if shown else hint)
        self.setAccessibleName(hint)
        self.setAccessibleDescription(self.toolTip())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        _set(self, kind=kind)
        self._tint()
        look.changed.connect(self._tint)
        if on_click:
            self.clicked.connect(lambda _checked=False: on_click())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.click() if event.key() in ENTER else super().keyPressEvent(event)

    def show_icon(self, icon: str, role: str = "") -> None:
        self._icon, self._role = icon, role or self._role
        self._tint()

    def _tint(self) -> None:
        self.setIcon(self._look.icon(self._icon, self._role, self._size))


class IconLabel(QLabel):
    """A picture beside words; it says nothing of its own."""

    def __init__(self, look: Look, icon: str, role: str = "muted", size: int = 18) -> None:
        super().__init__()
        self._look, self._icon, self._role, self._size = look, icon, role, size
        self.setFixedSize(size + 2, size + 2)
        self._tint()
        look.changed.connect(self._tint)

    def show_icon(self, icon: str, role: str = "") -> None:
        self._icon, self._role = icon, role or self._role
        self._tint()

    def _tint(self) -> None:
        self.setPixmap(self._look.icon(self._icon, self._role, self._size).pixmap(self._size, self._size))


def line() -> QFrame:
    made = QFrame()
    _set(made, panel="line")
    made.setFixedHeight(1)
    return made


def set_property(widget: QWidget, **values: str) -> None:
    """Change what a widget says it is, and let the stylesheet look again."""
    if all(widget.property(key) == value for key, value in values.items()):
        return
    _set(widget, **values)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
        elif inner := item.layout():
            empty(inner)


def _set(widget: QWidget, **values: str) -> None:
    for key, value in values.items():
        widget.setProperty(key, value)


def notice(look: Look, words: str, name: str, tone: str = "bad") -> QWidget:
    """Words that should not be overlooked, beside a sign."""
    layout = row(gap=GAP_2, margins=(GAP_3, GAP_2, GAP_3, GAP_2))
    layout.addWidget(IconLabel(look, "warning", tone), 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(label(words, tone=tone, wrap=True, name=name), 1)
    return frame("notice", layout)
