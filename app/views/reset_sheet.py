"""The sheet over the composer that says what a reset keeps and lets go. It blocks nothing; Esc closes it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from app.presenters.reset import ResetPresenter, ResetSheet
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.look import Look


class ResetSheetView(QFrame):
    def __init__(self, look: Look, presenter: ResetPresenter) -> None:
        super().__init__()
        self.setObjectName("resetSheet")
        self.setAccessibleName("Reset this conversation?")
        self.setProperty("panel", "sheet")
        self._presenter = presenter
        self._keeps = pieces.label("", face="heading", wrap=True, name="resetKeeps")
        self._titles = pieces.label("", tone="muted", wrap=True)
        self._lets_go = pieces.label("", face="heading", wrap=True, name="resetLetsGo")
        self._also = pieces.label("", tone="muted", wrap=True)
        self._confirm = pieces.button("Reset", presenter.confirm, "resetConfirm", kind="primary")
        close = pieces.button("Keep talking", presenter.close, "resetClose")
        head = pieces.label("Reset this conversation?", face="title")
        note = pieces.label("You can undo it, now or later.", tone="muted")
        inner = pieces.column(
            head,
            self._line(look, "check", "good", self._keeps, self._titles),
            self._line(look, "reset", "wait", self._lets_go, self._also),
            pieces.row(note, None, close, self._confirm, gap=GAP_2),
            gap=GAP_3,
            margins=(GAP_4, GAP_3, GAP_4, GAP_3),
        )
        self.setLayout(inner)
        presenter.listen(lambda part, _: self._show() if part == "sheet" else None)
        self.setVisible(False)
        self._show()

    @staticmethod
    def _line(look: Look, icon: str, role: str, *labels: QLabel) -> QHBoxLayout:
        made = pieces.row(gap=GAP_3)
        made.addWidget(pieces.IconLabel(look, icon, role), 0, Qt.AlignmentFlag.AlignTop)
        made.addLayout(pieces.column(*labels, gap=2), 1)
        return made

    def _show(self) -> None:
        sheet = self._presenter.sheet
        if sheet:
            self._say(sheet)
        self.setVisible(sheet is not None)
        if sheet:
            self._confirm.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, sheet: ResetSheet) -> None:
        self._keeps.setText(f"Keeps {sheet.keeps}")
        self._titles.setText(sheet.titles)
        self._titles.setVisible(bool(sheet.titles))
        self._lets_go.setText(f"Lets go of {sheet.lets_go}")
        self._also.setText(f"and what was derived from them: {sheet.also}" if sheet.also else "")
        self._also.setVisible(bool(sheet.also))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._presenter.close()
        else:
            super().keyPressEvent(event)
