"""Desktop notifications where the system has them. The toast in the window is shown in any case."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from app.presenters.toasts import ToastsPresenter
from app.theme.icons import logo_icon

SHOWN_MS = 10_000


class Notifications(QObject):
    def __init__(self, presenter: ToastsPresenter, window: QWidget) -> None:
        super().__init__(window)
        self._presenter, self._window = presenter, window
        self._tray: QSystemTrayIcon | None = None
        presenter.listen(lambda part, _: self._heard() if part == "toast" else None)

    def _heard(self) -> None:
        toast = self._presenter.latest
        if toast and toast.notify and not self._window.isActiveWindow():
            QApplication.alert(self._window)
            if tray := self._ready_tray():
                tray.showMessage(toast.notify, toast.text, logo_icon(), SHOWN_MS)

    def _ready_tray(self) -> QSystemTrayIcon | None:
        if self._tray is None and QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(logo_icon(), self._window)
            self._tray.setToolTip("Carryon")
            self._tray.messageClicked.connect(self._window.activateWindow)
            self._tray.show()
        return self._tray
