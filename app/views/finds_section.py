"""Models that lie on this disk already: what was found, looking again, looking in a folder of one's own."""

from PySide6.QtWidgets import QFileDialog, QProgressBar, QWidget

from app.presenters.finds import FoundRow
from app.presenters.gallery import GalleryPresenter
from app.theme.tokens import GAP_2, GAP_3
from app.views import dialogs, pieces
from app.views.found_card import FoundCard
from app.views.keyed_cards import KeyedCards
from app.views.look import Look

PARTS = ("found", "search")


class FindsSection(QWidget):
    def __init__(self, look: Look, presenter: GalleryPresenter) -> None:
        super().__init__()
        self.setObjectName("finds")
        self._presenter = presenter
        self._words = pieces.label("", tone="muted", wrap=True, name="findsWords")
        self._bar = QProgressBar()
        self._bar.setObjectName("findsBar")
        self._bar.setAccessibleName("Looking for models")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._look = pieces.button("Look again", self._look_or_stop, "findsLook",
                                   hint="Look through the folders where other programs keep models")  # fmt: skip
        folder = pieces.button("Look in a folder…", self._choose, "findsFolder", hint="Any folder with GGUF files")
        self._left = pieces.button("", self._read_left_out, "findsLeftOut", kind="link",
                                   hint="Files that are no model to talk to, and why")  # fmt: skip
        cards = pieces.column(gap=GAP_3)
        self._cards = KeyedCards[FoundRow](
            cards, lambda row: row.key, lambda row: FoundCard(look, row, presenter.act_on_found)
        )
        head = pieces.row(pieces.label("Found on this disk", face="title"), None, folder, self._look, gap=GAP_2)
        self.setLayout(pieces.column(
            head, self._words, self._bar, cards, pieces.row(self._left, None), gap=GAP_3
        ))  # fmt: skip
        presenter.listen(self._changed)
        self._show()

    def _changed(self, part: str, key: str) -> None:
        if part == "one":
            self._cards.show_row(key, self._presenter.one_found(key))
        elif part in PARTS:
            self._show()

    def _show(self) -> None:
        presenter = self._presenter
        self._words.setText(presenter.search_words)
        self._bar.setVisible(presenter.looks)
        self._look.setText("Stop looking" if presenter.looks else "Look again")
        self._look.setAccessibleName(self._look.text())
        self._cards.show_rows(presenter.found)
        number = presenter.left_out
        self._left.setVisible(number > 0)
        self._left.setText("1 file was left alone: why?" if number == 1 else f"{number} files were left alone: why?")
        self._left.setAccessibleName(self._left.text())

    def _look_or_stop(self) -> None:
        if self._presenter.looks:
            self._presenter.stop_looking()
        else:
            self._presenter.look()

    def _choose(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, "Look for models in a folder"):
            self._presenter.look(folder)

    def _read_left_out(self) -> None:
        dialogs.show_text(self, "Left alone", self._presenter.left_out_text)
