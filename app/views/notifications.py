"""Desktop notifications where the system has them. The toast in the window is shown in any case."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.presenters.toasts import ToastsPresenter
from app.presenters.wording import notified
from app.views.tray import Tray


class Notifications(QObject):
    def __init__(self, presenter: ToastsPresenter, window: QWidget, tray: Tray) -> None:
        super().__init__(window)
        self._presenter, self._window, self._tray = presenter, window, tray
        presenter.listen(lambda part, _: self._heard() if part == "toast" else None)

    def _heard(self) -> None:
        toast = self._presenter.latest
        if toast and toast.notify and not self._window.isActiveWindow():
            QApplication.alert(self._window)
            self._tray.say(toast.notify, notified(toast.text))
