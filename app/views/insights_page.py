"""The Insights room: small and true. What the answers and deliveries of this machine say, and nothing else."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.presenters.insights import InsightsPresenter, Tile
from app.presenters.wording import count
from app.theme.tokens import GAP_2, GAP_3, GAP_4, GAP_6
from app.views import dialogs, pieces
from app.views.look import Look
from app.views.start_card import StartCard

BARS_ROOM = 16  # so that few bars stay slim
SECONDS_FROM_MS = 2_000


class InsightsPage(QWidget):
    def __init__(self, look: Look, presenter: InsightsPresenter) -> None:
        super().__init__()
        self.setObjectName("insightsPage")
        self._look, self._presenter = look, presenter
        self._tiles = pieces.row(gap=GAP_3)
        self._levels = pieces.column(gap=GAP_2)
        self._plot: Any = None  # made once there is something to draw: the plotting library is large
        self._plot_place: QVBoxLayout = pieces.column(gap=0, margins=(GAP_3, GAP_3, GAP_3, GAP_2))
        self._nothing = pieces.label("Ask something in the chat; how long answers took is drawn here.", tone="muted",
                                     wrap=True, name="insightsEmpty")  # fmt: skip
        self._plot_place.addWidget(self._nothing)
        self._start = StartCard(look, presenter)
        about = pieces.label(
            "Facts from the conversations opened since the start, from the outbox, and of the starts themselves. "
            "They stay on this machine.",
            tone="muted", wrap=True,
        )  # fmt: skip
        inner = pieces.column(
            pieces.label("Insights", face="display"), about, self._tiles,
            pieces.label("Time until an answer, one bar each, oldest first", face="caps"),
            pieces.frame("card", self._plot_place, "insightsPlot"),
            pieces.label("Who answered", face="caps"), pieces.frame("card", self._padded(self._levels)),
            pieces.label("The last start", face="caps"), self._start, None,
            gap=GAP_3, margins=(GAP_6, GAP_6, GAP_6, GAP_6),
        )  # fmt: skip
        page = pieces.box(inner, "column")
        page.setMaximumWidth(960)
        centred = pieces.row(gap=0)
        centred.addStretch(1)
        centred.addWidget(page, 1000)
        centred.addStretch(1)
        self.setLayout(pieces.column(dialogs.scroll(pieces.box(centred, "column"), "insightsArea", "Insights")))
        presenter.listen(lambda part, _: self._show() if part == "facts" and self.isVisible() else None)
        presenter.listen(lambda part, _: self._start.show_start() if part == "start" else None)
        look.changed.connect(self._show)
        self._show()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        pieces.empty(self._tiles)
        for tile in self._presenter.tiles:
            self._tiles.addWidget(self._tile(tile), 1)
        pieces.empty(self._levels)
        for level, number in self._presenter.levels:
            self._levels.addLayout(
                pieces.row(pieces.label(level.capitalize()), None, pieces.label(count(number, "answer")))
            )
        if not self._presenter.levels:
            self._levels.addWidget(pieces.label("No answer yet.", tone="muted"))
        self._draw()

    def _tile(self, tile: Tile) -> QFrame:
        number = pieces.label(tile.number, face="number")
        about = pieces.label(tile.about, tone="muted", face="small", wrap=True)
        return pieces.frame("card", pieces.column(number, about, gap=2, margins=(GAP_4, GAP_3, GAP_4, GAP_3)))

    @staticmethod
    def _padded(inner: QVBoxLayout) -> QVBoxLayout:
        return pieces.column(inner, margins=(GAP_4, GAP_3, GAP_4, GAP_3))

    def _draw(self) -> None:
        times = self._presenter.times_ms
        self._nothing.setVisible(not times)
        if not times:
            return
        import pyqtgraph

        if self._plot is None:
            self._plot = pyqtgraph.PlotWidget()
            self._plot.setObjectName("insightsTimes")
            self._plot.setAccessibleName("Time until an answer")
            self._plot.setFixedHeight(220)
            self._plot.setMenuEnabled(False)
            self._plot.setMouseEnabled(False, False)
            self._plot.hideButtons()
            for part in (self._plot, *self._plot.findChildren(QWidget)):
                part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a picture: nothing to operate
            self._plot_place.addWidget(self._plot)
        self._paint(pyqtgraph, times)

    def _paint(self, pyqtgraph: Any, times: tuple[float, ...]) -> None:
        look = self._look
        unit, name = (1000, "seconds") if max(times) >= SECONDS_FROM_MS else (1, "milliseconds")
        self._plot.setBackground(look.colour("raised"))
        self._plot.clear()
        bars = pyqtgraph.BarGraphItem(
            x=list(range(1, len(times) + 1)), height=[ms / unit for ms in times], width=0.7,
            brush=look.colour("accent"), pen=look.colour("raised"),
        )  # fmt: skip
        self._plot.addItem(bars)
        self._plot.setXRange(0.4, max(len(times), BARS_ROOM) + 0.6, padding=0)
        self._plot.setYRange(0, max(times) / unit * 1.1, padding=0)
        every = max(len(times), BARS_ROOM) // 20 + 1
        self._plot.getAxis("bottom").setTicks([[(n, str(n)) for n in range(1, len(times) + 1, every)]])
        self._plot.setLabel("left", name, color=look.colour("muted"))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(look.colour("border"))
            axis.setTextPen(look.colour("muted"))
            axis.enableAutoSIPrefix(False)
        self._plot.setAccessibleDescription(f"The last one took {times[-1]:.0f} ms")
