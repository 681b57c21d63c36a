"""The Models room: who answers, what lies on this disk already, what could be fetched."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.presenters.gallery import GalleryPresenter
from app.presenters.models import ModelCard, ModelsPresenter
from app.presenters.product import ProductPresenter
from app.presenters.standing import STARTER
from app.theme.tokens import GAP_3, GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import dialogs, pieces
from app.views.finds_section import FindsSection
from app.views.keyed_cards import KeyedCards
from app.views.look import Look
from app.views.model_card import ModelCardView
from app.views.offers_section import OffersSection
from app.views.product_panel import ProductPanel

ABOUT = (
    "The Starter ships with Carryon and decides what is to be done. Any other model in GGUF form, from your disk or "
    "fetched below, can talk at length beside it, with the same tools."
)


class ModelsPage(QWidget):
    """The starter's card holds its product panel, which stays while the facts above it change."""

    def __init__(
        self, look: Look, presenter: ModelsPresenter, product: ProductPresenter, gallery: GalleryPresenter
    ) -> None:
        super().__init__()
        self.setObjectName("modelsPage")
        self._look, self._presenter = look, presenter
        others = pieces.column(gap=GAP_3)
        self._others = KeyedCards[ModelCard](others, _name, lambda card: ModelCardView(look, presenter, card))
        starter = pieces.column(gap=0)
        self._starter = KeyedCards[ModelCard](
            starter, _name, lambda card: ModelCardView(look, presenter, card, framed=False)
        )
        self._starter_card = pieces.frame("card", pieces.column(
            starter, ProductPanel(look, product), gap=GAP_4, margins=(GAP_4, GAP_3, GAP_4, GAP_4)
        ), f"model-{STARTER}")  # fmt: skip
        self._nothing = pieces.label("Looking at the models on this machine…", tone="muted")
        add = pieces.button("Choose another GGUF…", self._add, "modelAdd", kind="primary",
                            hint="Use a model file of yours where it lies")  # fmt: skip
        finds, offers = FindsSection(look, gallery), OffersSection(look, gallery)
        below = {"Found on this disk ↓": finds, "More models ↓": offers}
        inner = pieces.column(
            pieces.row(pieces.label("Models", face="display"), None, add),
            pieces.label(ABOUT, tone="muted", wrap=True),
            pieces.row(*(self._link(title, part) for title, part in below.items()), None, gap=GAP_4),
            pieces.label("On this machine", face="title"), self._nothing, others, self._starter_card, GAP_3,
            finds, GAP_3, offers, None,
            gap=GAP_4, margins=(GAP_6, GAP_6, GAP_6, GAP_6),
        )  # fmt: skip
        self._area = self._centred(inner)
        self.setLayout(pieces.column(self._area))
        presenter.listen(self._changed)
        self._show()

    def _link(self, title: str, part: QWidget) -> QPushButton:
        return pieces.button(title, lambda: self._go_to(part), f"modelsTo-{part.objectName()}", kind="link",
                             hint="Go there")  # fmt: skip

    def _centred(self, inner: QVBoxLayout) -> QScrollArea:
        page = pieces.box(inner, "column")
        page.setMaximumWidth(READING_WIDTH_MAX + 80)
        centred = pieces.row(gap=0)
        centred.addStretch(1)
        centred.addWidget(page, 1000)
        centred.addStretch(1)
        return dialogs.scroll(pieces.box(centred, "column"), "modelsArea", "Models")

    def _go_to(self, section: QWidget) -> None:
        """Its heading at the top, and the focus on the first thing there that can be operated."""
        inside = self._area.widget()
        assert inside is not None
        self._area.verticalScrollBar().setValue(section.mapTo(inside, QPoint()).y() - GAP_4)
        if buttons := [one for one in section.findChildren(QPushButton) if one.isVisible() and one.isEnabled()]:
            buttons[0].setFocus()

    def _changed(self, part: str, key: str) -> None:
        if part == "cards":
            self._show()
        elif part == "card":
            self._others.show_row(key, self._presenter.card(key))

    def _show(self) -> None:
        cards = self._presenter.cards
        self._nothing.setVisible(not cards)
        starter = [card for card in cards if card.name == STARTER]
        self._starter_card.setVisible(bool(starter))
        pieces.set_property(self._starter_card, tone="accent" if starter and starter[0].current else "")
        self._starter.show_rows(starter)
        self._others.show_rows([card for card in cards if card.name != STARTER])

    def _add(self) -> None:
        if path := dialogs.open_path(self, "Choose a model", "Models (*.gguf);;All files (*)"):
            self._presenter.add(path)


def _name(card: ModelCard) -> str:
    return card.name
