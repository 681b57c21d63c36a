"""What happened to an item, to look at: a line of time with a dot for each try, and below it each step with its words.
Colours are never alone: a try is a filled dot, what is to come a ring, and all of it is said in words."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.presenters.attempts import Mark, Step, Track
from app.presenters.wording import count, hint
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look

DOT = 4.5
PLOT_HEIGHT = 26
DOT_COLUMN = 18
DOT_Y = 10.0  # beside the first line of words


def attempts_view(look: Look, steps: Sequence[Step], track: Track | None) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_2)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(2, 1)
    begin = 0
    if track:
        ends = pieces.row(pieces.label(track.begins, face="small", tone="muted"), None,
                          pieces.label(track.ends, face="small", tone="muted"))  # fmt: skip
        plot = pieces.column(TrackPlot(look, track), ends, gap=0, margins=(0, 0, 0, GAP_3))
        grid.addLayout(plot, 0, 0, 1, 3)
        begin = 1
    for number, step in enumerate(steps):
        at = pieces.label(f"{step.at} – {step.until}" if step.until else step.at, tone="muted", face="small")
        at.setContentsMargins(0, 2, 0, 0)
        grid.addWidget(at, begin + number, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(StepDot(look, step, first=number == 0, last=number == len(steps) - 1), begin + number, 1)
        below = GAP_3 if number < len(steps) - 1 else 0
        grid.addLayout(_words(step, below), begin + number, 2)
    return grid


def _words(step: Step, below: int) -> QVBoxLayout:
    said = f"{step.words}, {count(step.times, 'try', 'tries')}" if step.times > 1 else step.words
    head = pieces.row(gap=GAP_2)
    head.addWidget(pieces.label(said, wrap=True), 1)
    if step.took:
        head.addWidget(pieces.label(step.took, tone="muted", face="small"), 0, Qt.AlignmentFlag.AlignTop)
    made = pieces.column(head, gap=0, margins=(0, 0, 0, below))
    if step.what:
        made.addWidget(pieces.label(step.what, tone="muted", face="small", wrap=True))
    return made


class StepDot(QWidget):
    """The dot of a step on the line that joins it with those before and after."""

    def __init__(self, look: Look, step: Step, *, first: bool, last: bool) -> None:
        super().__init__()
        self._look, self._step, self._first, self._last = look, step, first, last
        self.setFixedWidth(DOT_COLUMN)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(step.spoken)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() / 2
        line = QPen(QColor(self._look.colour("border")), 2)
        painter.setPen(line)
        if not self._first:
            painter.drawLine(QPointF(middle, 0), QPointF(middle, DOT_Y))
        if not self._last:
            painter.drawLine(QPointF(middle, DOT_Y), QPointF(middle, self.height()))
        _dot(painter, self._look, QPointF(middle, DOT_Y), self._step.tone, ring=self._step.ahead,
             small=not (self._step.is_try or self._step.ahead))  # fmt: skip
        painter.end()


class TrackPlot(QWidget):
    """Tries in time, from when it was written down to the next one."""

    def __init__(self, look: Look, track: Track) -> None:
        super().__init__()
        self._look, self._track = look, track
        self.setObjectName("itemTrack")
        self.setAccessibleName("Tries in time")
        self.setAccessibleDescription(track.words)
        self.setToolTip(hint(track.words))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, PLOT_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, PLOT_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, inset = self.height() / 2, DOT + 2
        wide = self.width() - 2 * inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.colour("border")))
        painter.drawRoundedRect(QRectF(inset, middle - 1, wide, 2), 1, 1)
        for mark in self._track.marks:
            self._mark(painter, mark, QPointF(inset + mark.place * wide, middle))
        painter.end()

    def _mark(self, painter: QPainter, mark: Mark, at: QPointF) -> None:
        _dot(painter, self._look, at, mark.tone, ring=mark.ahead)


def _dot(painter: QPainter, look: Look, at: QPointF, tone: str, *, ring: bool = False, small: bool = False) -> None:
    colour = QColor(look.colour(tone))
    painter.setPen(QPen(colour if ring else QColor(look.colour("raised")), 2))
    painter.setBrush(QColor(look.colour("raised")) if ring else colour)
    size = DOT - 1 if small else DOT + 1
    painter.drawEllipse(at, size, size)
