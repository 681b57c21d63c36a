"""Other laptops in Settings: how the exchange stands, Sync now, and what was joined."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.presenters.laptops import LaptopsPresenter, MergeRow
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces

NOTICES_SHOWN_MAX = 5


class LaptopsSection(QWidget):
    def __init__(self, presenter: LaptopsPresenter) -> None:
        super().__init__()
        self.setObjectName("laptops")
        self._presenter = presenter
        self._standing = pieces.label("", wrap=True, name="laptopsStanding")
        self._trouble = pieces.label("", face="small", tone="bad", wrap=True, name="laptopsTrouble")
        self._more = pieces.column(gap=GAP_1)
        self._now = pieces.button("Sync now", presenter.exchange, "laptopsSync",
                                  hint="Exchange notes, files, tasks and events with your other laptops")  # fmt: skip
        head = pieces.label("Laptops", face="heading")
        inner = pieces.column(
            self._standing, self._trouble, self._more, pieces.row(self._now, None, gap=GAP_2), gap=GAP_2,
            margins=(GAP_3, GAP_2, GAP_3, GAP_2),
        )  # fmt: skip
        self.setLayout(pieces.column(head, pieces.frame("card", inner), gap=GAP_2))
        presenter.listen(lambda _part, _key: self._show())
        self._show()

    def _show(self) -> None:
        it = self._presenter
        self._standing.setText(it.standing)
        self._standing.setAccessibleName(it.standing)
        self._trouble.setText(it.trouble)
        self._trouble.setVisible(bool(it.trouble))
        self._now.setEnabled(it.can_exchange)
        pieces.empty(self._more)
        for words in it.notices[:NOTICES_SHOWN_MAX]:
            self._more.addWidget(pieces.label(words, face="small", tone="muted", wrap=True))
        for row in it.merges:
            self._more.addLayout(self._merge(row))

    def _merge(self, row: MergeRow) -> QHBoxLayout:
        words = pieces.label(row.words, face="small", wrap=True, name=f"laptopsMerge-{row.key}")
        back = pieces.button("Take back", partial(self._presenter.take_back, row.key), f"laptopsBack-{row.key}",
                             kind="link", hint=row.hint)  # fmt: skip
        layout = pieces.row(words, back, gap=GAP_2)
        layout.setStretch(0, 1)
        return layout
