"""How the last start went and how all of them stand against the promise, as a card of the Insights room."""

from PySide6.QtWidgets import QFrame

from app.presenters.insights import InsightsPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.look import Look
from app.views.start_strip import StartStrip

NOTHING = "The first start is kept once everything is up; then it is drawn here."


class StartCard(QFrame):
    def __init__(self, look: Look, presenter: InsightsPresenter) -> None:
        super().__init__()
        self.setObjectName("startCard")
        self.setProperty("panel", "card")
        self._presenter = presenter
        self._words = pieces.label("", face="heading", wrap=True, name="startWords")
        self._why = pieces.label("", tone="muted", wrap=True, name="startWhy")
        self._strip = StartStrip(look)
        self._promises = pieces.column(gap=GAP_2)
        self.setLayout(
            pieces.column(self._words, self._why, self._strip, self._promises, gap=GAP_3,
                          margins=(GAP_4, GAP_3, GAP_4, GAP_3))
        )  # fmt: skip
        self.show_start()

    def show_start(self) -> None:
        words, why = self._presenter.start
        self._words.setText(words or NOTHING)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._strip.show_strips(self._presenter.strips)
        pieces.empty(self._promises)
        for promise in self._presenter.promises:
            chip = pieces.chip(promise.name, promise.tone)
            row = pieces.row(chip, pieces.label(promise.words, tone="muted", wrap=True))
            row.setStretch(1, 1)
            self._promises.addLayout(row)
