"""How sure the starter says it is, against how often it is right: on the dashed line its word can be taken for it."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.theme.tokens import GAP_1
from app.views import pieces
from app.views.look import Look

HEIGHT = 220
DOT_MIN, DOT_MAX = 7, 16  # pixels across; more cases, a larger dot

Steps = tuple[tuple[float, float, int], ...]  # said, right, how many


class ReliabilityPlot(QWidget):
    """The plotting library is large: it is imported once there is something to draw."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("reliability")
        self._look = look
        self._steps: Steps = ()
        self._plot: Any = None
        self._column = pieces.column(gap=GAP_1)
        self.setLayout(self._column)
        look.changed.connect(self._paint)

    def show_steps(self, steps: Steps, words: str) -> None:
        self._steps = steps
        if steps and self._plot is None:
            self._make()
        if self._plot is not None:
            self._plot.setAccessibleDescription(words)
            self._plot.setToolTip(words)
        self._paint()

    def _make(self) -> None:
        import pyqtgraph

        self._plot = pyqtgraph.PlotWidget()
        self._plot.setObjectName("reliabilityPlot")
        self._plot.setAccessibleName("How sure it says it is, and how often it is right")
        self._plot.setFixedHeight(HEIGHT)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        self._plot.getPlotItem().layout.setContentsMargins(0, 4, 16, 0)  # room for half of the last number
        for part in (self._plot, *self._plot.findChildren(QWidget)):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a picture: nothing to operate
        self._column.addWidget(self._plot)

    def _paint(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph

        look, plot = self._look, self._plot
        plot.setBackground(look.colour("raised"))
        plot.clear()
        ideal = pyqtgraph.mkPen(look.colour("outline"), width=1, style=Qt.PenStyle.DashLine)
        plot.plot([0, 100], [0, 100], pen=ideal)
        most = max((n for _, _, n in self._steps), default=1)
        plot.plot(
            [said * 100 for said, _, _ in self._steps], [right * 100 for _, right, _ in self._steps],
            pen=pyqtgraph.mkPen(look.colour("accent"), width=2), symbol="o", symbolPen=look.colour("raised"),
            symbolBrush=look.colour("accent"),
            symbolSize=[DOT_MIN + (DOT_MAX - DOT_MIN) * (n / most) ** 0.5 for _, _, n in self._steps],
        )  # fmt: skip
        plot.setXRange(0, 100, padding=0.03)
        plot.setYRange(0, 100, padding=0.05)
        plot.setLabel("bottom", "it says it is sure (%)", color=look.colour("muted"))
        plot.setLabel("left", "it is right (%)", color=look.colour("muted"))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(look.colour("border"))
            axis.setTextPen(look.colour("muted"))
            axis.enableAutoSIPrefix(False)
            axis.setStyle(hideOverlappingLabels=False)  # the last number stands at the edge
            axis.setTicks([[(at, str(at)) for at in range(0, 101, 25)]])
