"""The sheet on which a server's sign-in goes on: the host in large letters, and one press that opens the page. Nothing
waits in the window; Esc leaves, and cancels what goes on."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from app.presenters.sign_in import SignInPresenter, SignInSheet
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces

WIDTH = 460


class SignIns:
    """Shows the sheet while there is one, over the window."""

    def __init__(self, presenter: SignInPresenter, over: QWidget) -> None:
        self._presenter, self._over = presenter, over
        self._shown: SignInDialog | None = None
        presenter.listen(lambda _part, _key: self._show())

    def _show(self) -> None:
        sheet = self._presenter.sheet
        if sheet is None and self._shown is not None:
            self._shown.let_go()
            self._shown = None
        elif sheet is not None and self._shown is None:
            self._shown = SignInDialog(sheet, self._presenter, self._over)
            self._shown.open()
        elif sheet is not None and self._shown is not None:
            self._shown.say(sheet)


class SignInDialog(QDialog):
    def __init__(self, sheet: SignInSheet, presenter: SignInPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("signInSheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._presenter, self._leaves = presenter, True
        self._title = pieces.label("", face="title", wrap=True, name="signInTitle")
        self._host = pieces.label("", face="heading", wrap=True, name="signInHost")
        self._words = pieces.label("", wrap=True, name="signInWords")
        self._press = pieces.button("", self._pressed, "signInPress", kind="primary")
        self._leave = pieces.button("", self.reject, "signInLeave")
        foot = pieces.row(None, self._leave, self._press, gap=GAP_2)
        margins = (GAP_4, GAP_4, GAP_4, GAP_4)
        self.setLayout(pieces.column(self._title, self._words, self._host, foot, gap=GAP_3, margins=margins))
        self.setMinimumWidth(WIDTH)
        self.say(sheet)

    def say(self, sheet: SignInSheet) -> None:
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

    def let_go(self) -> None:
        """Closed by the presenter."""
        self._leaves = False
        self.accept()

    def reject(self) -> None:
        if self._leaves:
            self._leaves = False
            self._presenter.leave()
        super().reject()

    def _pressed(self) -> None:
        url = self._presenter.press()
        if url and not QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.StrictMode)):
            self._presenter.not_opened()
