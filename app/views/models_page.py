"""The Models room: who answers, what it takes and how quick it is, and any other GGUF the user points at."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.presenters.models import ModelCard, ModelsPresenter
from app.presenters.product import ProductPresenter
from app.presenters.standing import STARTER
from app.theme.tokens import GAP_2, GAP_3, GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import dialogs, pieces
from app.views.look import Look
from app.views.product_panel import ProductPanel


class ModelsPage(QWidget):
    """The starter's card holds its product panel, which stays while the facts above it change."""

    def __init__(self, look: Look, presenter: ModelsPresenter, product: ProductPresenter) -> None:
        super().__init__()
        self.setObjectName("modelsPage")
        self._look, self._presenter = look, presenter
        self._cards = pieces.column(gap=GAP_3)
        self._starter = pieces.column(gap=0)
        self._starter_card = pieces.frame("card", pieces.column(
            self._starter, ProductPanel(look, product), gap=GAP_4, margins=(GAP_4, GAP_3, GAP_4, GAP_4)
        ), f"model-{STARTER}")  # fmt: skip
        add = pieces.button("Choose another GGUF…", self._add, "modelAdd", kind="primary")
        about = pieces.label(
            "The Starter ships with Carryon and decides what is to be done. Any other model in GGUF form, from "
            "your disk, can talk at length beside it.", tone="muted", wrap=True,
        )  # fmt: skip
        inner = pieces.column(
            pieces.row(pieces.label("Models", face="display"), None, add), about, self._starter_card, self._cards,
            None,
            gap=GAP_4, margins=(GAP_6, GAP_6, GAP_6, GAP_6),
        )  # fmt: skip
        page = pieces.box(inner, "column")
        page.setMaximumWidth(READING_WIDTH_MAX + 80)
        centred = pieces.row(gap=0)
        centred.addStretch(1)
        centred.addWidget(page, 1000)
        centred.addStretch(1)
        self.setLayout(pieces.column(dialogs.scroll(pieces.box(centred, "column"), "modelsArea", "Models")))
        presenter.listen(lambda part, _: self._show() if part == "cards" else None)
        self._show()

    def _show(self) -> None:
        pieces.empty(self._cards)
        pieces.empty(self._starter)
        cards = self._presenter.cards
        self._starter_card.setVisible(any(card.name == STARTER for card in cards))
        for card in cards:
            if card.name == STARTER:
                self._starter.addLayout(self._inner(card))
                pieces.set_property(self._starter_card, tone="accent" if card.current else "")
            else:
                self._cards.addWidget(self._card(card))
        if not cards:
            self._cards.addWidget(pieces.label("Looking at the models on this machine…", tone="muted"))

    def _card(self, card: ModelCard) -> QFrame:
        inner = self._inner(card)
        inner.setContentsMargins(GAP_4, GAP_3, GAP_4, GAP_3)
        made = pieces.frame("card", inner, f"model-{card.name}")
        pieces.set_property(made, tone="accent" if card.current else "")
        return made

    def _inner(self, card: ModelCard) -> QVBoxLayout:
        head = pieces.row(
            pieces.IconLabel(self._look, "models", "accent_text", 20),
            pieces.ElidedLabel(card.title, face="title"),
            pieces.chip(card.words, card.tone, f"modelState-{card.name}"),
            gap=GAP_2,
        )
        layout = pieces.column(head, gap=GAP_3)
        if card.note:
            tone = "bad" if card.tone == "bad" else "muted"
            layout.addWidget(pieces.label(card.note, tone=tone, wrap=True))
        layout.addWidget(self._facts(card))
        if card.can_use or card.can_remove:
            layout.addLayout(self._buttons(card))
        return layout

    def _facts(self, card: ModelCard) -> QWidget:
        """Short facts as columns, the path on a line of its own."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_6)
        grid.setVerticalSpacing(GAP_2)
        short = [fact for fact in card.facts if fact[0] != "File"]
        for number, (name, value) in enumerate(short):
            pair = pieces.column(pieces.label(name, face="small", tone="muted"), _selectable(value), None, gap=0)
            rest = 4 - number % 4 if number == len(short) - 1 else 1  # the last has the room that is left
            grid.addLayout(pair, number // 4, number % 4, 1, rest)
        path = dict(card.facts).get("File", "")
        if path:
            shown = pieces.ElidedLabel(path, face="code", tone="muted")
            grid.addWidget(shown, (len(short) + 3) // 4, 0, 1, 4)
        for across in range(4):
            grid.setColumnStretch(across, 1)
        return pieces.box(grid)

    def _buttons(self, card: ModelCard) -> QHBoxLayout:
        made = pieces.row(gap=GAP_2)
        if card.can_use:
            made.addWidget(pieces.button("Use this one", partial(self._presenter.use, card.name),
                                         f"modelUse-{card.name}", hint=f"Answer with {card.title}"))  # fmt: skip
        if card.can_remove:
            made.addWidget(pieces.button("Forget it", partial(self._presenter.remove, card.name),
                                         f"modelRemove-{card.name}", kind="quiet",
                                         hint="Take it off this list; the file stays where it is"))  # fmt: skip
        made.addStretch(1)
        return made

    def _add(self) -> None:
        if path := dialogs.open_path(self, "Choose a model", "Models (*.gguf);;All files (*)"):
            self._presenter.add(path)


def _selectable(text: str) -> QLabel:
    made = pieces.label(text, wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
