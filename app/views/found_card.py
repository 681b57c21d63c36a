"""A model that another program keeps on this disk."""

from collections.abc import Callable

from PySide6.QtWidgets import QSizePolicy

from app.presenters.finds import FoundRow
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.job_strip import JobStrip
from app.views.keyed_cards import Card
from app.views.look import Look


class FoundCard(Card[FoundRow]):
    def __init__(self, look: Look, row: FoundRow, act: Callable[[str, str], None]) -> None:
        super().__init__()
        self.setObjectName(f"found-{row.title}")
        self.setProperty("panel", "card")
        self._row, self._act = row, act
        self._title = pieces.ElidedLabel(row.title, face="heading")
        self._chip = pieces.chip("", name=f"foundChip-{row.title}")
        self._about = pieces.ElidedLabel("", face="small", tone="muted")
        self._path = pieces.ElidedLabel("", face="code", tone="muted")
        self._note = pieces.label("", face="small", tone="wait", wrap=True)
        self._strip = JobStrip(f"Reading {row.title}", f"foundJob-{row.title}")
        self._main = pieces.button("", self._do, f"foundMain-{row.title}")
        head = pieces.row(
            pieces.IconLabel(look, "folder", "accent_text", 18), self._title, self._chip, self._main, gap=GAP_2
        )
        head.setStretchFactor(self._title, 1)
        self._main.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        words = pieces.column(self._about, self._path, self._note, gap=GAP_1)
        self.setLayout(pieces.column(head, words, self._strip, gap=GAP_2, margins=(GAP_4, GAP_3, GAP_4, GAP_3)))

    def show_row(self, row: FoundRow) -> None:
        self._row = row
        self._chip.setText(row.chip)
        pieces.set_property(self._chip, tone=row.tone)
        self._about.say(row.about)
        self._path.say(row.key if row.about != row.key else "")
        self._path.setVisible(row.about != row.key)
        self._note.setText(row.note)
        self._note.setVisible(bool(row.note))
        self._strip.show_face(row.job)
        self._main.setVisible(row.main is not None)
        if row.main:
            self._main.setText(row.main.label)
            self._main.setAccessibleName(f"{row.main.label}: {row.title}")

    def _do(self) -> None:
        if self._row.main:
            self._act(self._row.key, self._row.main.name)
