"""A start drawn in time: a row for each part, its name, its bar, its milliseconds. All of it can be read aloud."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.presenters.starts import Strip
from app.theme.tokens import GAP_1, GAP_3
from app.views import pieces
from app.views.look import Look

ROW_HEIGHT = 18
BAR_WIDTH_MIN = 160
NAME_WIDTH = 260
INDENT = 14
THIN = 2.0  # a part too short to be seen is still there


class StartStrip(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("startStrip")
        self.setAccessibleName("What the last start spent its time on")
        self._look = look
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP_3)
        self._grid.setVerticalSpacing(GAP_1)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.setLayout(self._grid)
        self._bars: list[Bar] = []
        look.changed.connect(self._tint)

    def show_strips(self, strips: Sequence[Strip]) -> None:
        pieces.empty(self._grid)
        self._bars = [Bar(self._look, strip) for strip in strips]
        for line, (strip, bar) in enumerate(zip(strips, self._bars, strict=True)):
            name = pieces.ElidedLabel(strip.name, face="small", tone="" if strip.known else "wait")
            name.setContentsMargins(strip.depth * INDENT, 0, 0, 0)
            time = pieces.label(strip.time, face="small", tone="muted")
            self._grid.addWidget(name, line, 0)
            self._grid.addWidget(bar, line, 1)
            self._grid.addWidget(time, line, 2)
        self.setAccessibleDescription("; ".join(strip.words for strip in strips))

    def _tint(self) -> None:
        for bar in self._bars:
            bar.update()


class Bar(QWidget):
    """One part at its place in the whole."""

    def __init__(self, look: Look, strip: Strip) -> None:
        super().__init__()
        self._look, self._strip = look, strip
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(strip.words)

    def sizeHint(self) -> QSize:
        return QSize(BAR_WIDTH_MIN, ROW_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(BAR_WIDTH_MIN, ROW_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._strip.end <= self._strip.begin:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._look.colour("subtle")))
        left = self._strip.begin * self.width()
        wide = max((self._strip.end - self._strip.begin) * self.width(), THIN)
        place = QRectF(min(left, self.width() - wide), 3, wide, self.height() - 6)
        colour = QColor(self._look.colour("accent" if self._strip.known else "wait"))
        if self._strip.depth:
            painter.fillRect(place, colour)
        else:  # what others are a part of, or has none: its edge is drawn, so that it is told apart without colour
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(colour if self._strip.known else QColor(self._look.colour("raised")))
            painter.drawRoundedRect(place.adjusted(0.75, 0.75, -0.75, -0.75), 2, 2)
        painter.end()
