"""The sheet on which a server's sign-in goes on: the host in large letters, and one press that opens the page. Nothing
waits in the window; Esc leaves, and cancels what goes on."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.presenters.sign_in import SignInPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.sheets import Sheet, SheetOver

WIDTH = 460


def sign_ins(presenter: SignInPresenter, over: QWidget) -> SheetOver:
    """The sheet while there is one, over the window."""

    def is_open() -> bool:
        return presenter.sheet is not None

    return SheetOver(presenter, is_open, lambda parent: SignInDialog(presenter, parent), over)


class SignInDialog(Sheet):
    def __init__(self, presenter: SignInPresenter, parent: QWidget) -> None:
        super().__init__("signInSheet", "", parent)
        self._presenter = presenter
        self._title = pieces.label("", face="title", wrap=True, name="signInTitle")
        self._host = pieces.label("", face="heading", wrap=True, name="signInHost")
        self._words = pieces.label("", wrap=True, name="signInWords")
        self._press = pieces.button("", self._pressed, "signInPress", kind="primary")
        self._leave = pieces.button("", self.reject, "signInLeave")
        foot = pieces.row(None, self._leave, self._press, gap=GAP_2)
        margins = (GAP_4, GAP_4, GAP_4, GAP_4)
        self.setLayout(pieces.column(self._title, self._words, self._host, foot, gap=GAP_3, margins=margins))
        self.setFixedWidth(WIDTH)
        self.heard("sheet")

    def heard(self, part: str) -> None:
        if (sheet := self._presenter.sheet) is None:
            return
        title = f"The server {sheet.server} wants you to sign in"
        self.setWindowTitle(title)
        self._title.setText(title)
        self._host.setText(sheet.host)
        self._host.setVisible(bool(sheet.host))
        self._words.setText(sheet.words)
        self._leave.setText(sheet.leave)
        self._press.setText(sheet.press)
        if not sheet.press:
            self.setFocus()  # or "Cancel" would get it, and the next Return
        self._press.setVisible(bool(sheet.press))
        self._press.setDefault(sheet.is_default)
        self._make_room()

    def _make_room(self) -> None:
        """Other words may need more lines; a window does not grow for them by itself."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        height = layout.totalHeightForWidth(WIDTH)
        self.setMinimumHeight(height)
        self.resize(self.width(), height)

    def step_back(self) -> None:
        self._presenter.leave()

    def _pressed(self) -> None:
        url = self._presenter.press()
        if url and not QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.StrictMode)):
            self._presenter.not_opened()
