"""The line at the bottom: what is true now. Each part is a button that leads to more about it."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from app.presenters.status import DOUBTS, SIGN_IN, StatusPart, StatusPresenter
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look


class StatusLine(QFrame):
    """`show_call`: the card of a call in its conversation."""

    def __init__(
        self, look: Look, presenter: StatusPresenter, open_view: Callable[[str], None],
        show_call: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("statusLine")
        self.setAccessibleName("Status")
        self.setProperty("panel", "foot")
        self._look, self._presenter, self._open_view, self._show_call = look, presenter, open_view, show_call
        self._buttons: dict[str, QPushButton] = {}
        self._dots: dict[str, QLabel] = {}  # before each part but the first
        layout = pieces.row(gap=0, margins=(GAP_2, 3, GAP_3, 3))
        for index, part in enumerate(presenter.every):
            if index:
                self._dots[part.name] = pieces.label("·", tone="muted")
                layout.addWidget(self._dots[part.name])
            layout.addWidget(self._button(part))
        layout.addStretch(1)
        self._keys = pieces.label("F1 shows the keys", face="small", tone="muted")
        layout.addWidget(self._keys)
        self.setLayout(layout)
        presenter.listen(lambda _part, _key: self._show())
        look.changed.connect(self._show)
        self._show()

    def _button(self, part: StatusPart) -> QPushButton:
        made = pieces.button(part.text, lambda: self._go(part.leads_to), f"status-{part.name}")
        made.setIconSize(QSize(15, 15))
        self._buttons[part.name] = made
        return made

    def _show(self) -> None:
        for part in self._presenter.every:
            made = self._buttons[part.name]
            made.setText(part.text)
            made.setVisible(bool(part.text))
            if dot := self._dots.get(part.name):
                dot.setVisible(bool(part.text))
            made.setToolTip(part.hint)
            made.setAccessibleName(part.text)
            made.setAccessibleDescription(part.hint)
            if part.name != "state":
                made.setIcon(self._look.icon(part.icon, part.tone, 15))
            pieces.set_property(made, tone=part.tone)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the words are too many, the note about the keys goes first; then the last part ends in "…"."""
        last = self._presenter.parts[-1]
        made = self._buttons[last.name]
        made.setText(last.text)
        self._keys.show()
        if self._lack() > 0:
            self._keys.hide()
        if (lack := self._lack()) > 0:
            wide = made.fontMetrics().horizontalAdvance(last.text)
            made.setText(made.fontMetrics().elidedText(last.text, Qt.TextElideMode.ElideRight, max(0, wide - lack)))

    def _lack(self) -> int:
        layout = self.layout()
        assert layout is not None, "it was set"
        layout.invalidate()
        return layout.minimumSize().width() - self.width()

    def _go(self, where: str) -> None:
        if where == "network":
            self._presenter.set_offline(not self._presenter.offline_switch)
        elif where == SIGN_IN:
            self._open_sign_in_page()
        elif where == DOUBTS:
            self._show_doubt()
        else:
            self._open_view(where)

    def _open_sign_in_page(self) -> None:
        """By this press alone. Whether the browser came or not, the user may be about to sign in."""
        if page := self._presenter.sign_in_page:
            QDesktopServices.openUrl(QUrl(page, QUrl.ParsingMode.StrictMode))
            self._presenter.sign_in_opened()

    def _show_doubt(self) -> None:
        """The oldest."""
        if self._presenter.doubts:
            self._open_view("chat")
            self._show_call(*self._presenter.doubts[0])
