"""How far something has come: a bar and a line of words, or nothing while nothing goes on."""

from PySide6.QtWidgets import QProgressBar, QWidget

from app.presenters.model_jobs import PERCENT, JobFace
from app.theme.tokens import GAP_1
from app.views import pieces


class JobStrip(QWidget):
    def __init__(self, about: str, name: str) -> None:
        super().__init__()
        self._about = about
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}Bar")
        self._bar.setTextVisible(False)
        self._words = pieces.label("", face="small", wrap=True, name=f"{name}Words")
        self.setLayout(pieces.column(self._bar, self._words, gap=GAP_1))
        self.show_face(None)

    def show_face(self, face: JobFace | None) -> None:
        words = face.words if face else ""
        percent = face.percent if face else None
        self._words.setText(words)
        self._words.setVisible(bool(words))
        pieces.set_property(self._words, tone=face.tone if face else "muted")
        self._bar.setVisible(percent is not None)
        self._bar.setRange(0, 0 if percent == -1 else PERCENT)
        self._bar.setValue(max(percent or 0, 0))
        self._bar.setAccessibleName(self._about)
        self._bar.setAccessibleDescription(words)
        self.setVisible(bool(words) or percent is not None)
