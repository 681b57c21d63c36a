"""Models that could be fetched, the fitting ones first, and what this machine can hold."""

from PySide6.QtWidgets import QWidget

from app.presenters.gallery import GalleryPresenter
from app.presenters.offers import OfferRow
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces
from app.views.keyed_cards import KeyedCards
from app.views.look import Look
from app.views.offer_card import OfferCard, hidden_note

ABOUT = (
    "Each comes from its publisher on Hugging Face, is checked byte by byte, and then works without a network. "
    "A bigger model knows more and talks more slowly."
)
FIGURES = "Figures of tool use are of 100 calls, from the Berkeley Function Calling Leaderboard; Carryon measured none."


class OffersSection(QWidget):
    def __init__(self, look: Look, presenter: GalleryPresenter) -> None:
        super().__init__()
        self.setObjectName("offers")
        self._presenter = presenter
        self._machine = pieces.label("", tone="muted", wrap=True, name="offersMachine")
        self._measure = pieces.button("", presenter.measure, "offersMeasure",
                                      hint="Lets a model without knowledge talk for two seconds")  # fmt: skip
        self._more = pieces.button("", self._show_or_hide, "offersMore", kind="link")
        cards = pieces.column(gap=GAP_3)
        self._cards = KeyedCards[OfferRow](cards, lambda row: row.key, lambda row: OfferCard(look, row, presenter.act))
        head = pieces.row(pieces.label("More models", face="title"), None, self._measure, gap=GAP_2)
        about = pieces.label(ABOUT, tone="muted", wrap=True)
        figures = pieces.label(FIGURES, face="small", tone="muted", wrap=True)
        self.setLayout(pieces.column(
            head, about, self._machine, cards, pieces.row(self._more, None), figures, gap=GAP_3
        ))  # fmt: skip
        presenter.listen(self._changed)
        self._show()
        self._show_machine()

    def _changed(self, part: str, key: str) -> None:
        if part == "offer":
            self._cards.show_row(key, self._presenter.offer(key))
        elif part == "offers":
            self._show()
        elif part == "machine":
            self._show_machine()

    def _show(self) -> None:
        presenter = self._presenter
        self._cards.show_rows(presenter.offers)
        self._more.setVisible(presenter.hidden > 0)
        self._more.setText(hidden_note(presenter.hidden, shown=presenter.shows_all))
        self._more.setAccessibleName(self._more.text())

    def _show_machine(self) -> None:
        presenter = self._presenter
        self._machine.setText(presenter.machine or "Looking at this machine…")
        self._measure.setEnabled(not presenter.measures)
        self._measure.setText("Measure its speed again" if presenter.is_measured else "Measure its speed")
        self._measure.setAccessibleName(self._measure.text())

    def _show_or_hide(self) -> None:
        self._presenter.show_all(on=not self._presenter.shows_all)
