"""Sheets over the window that follow a presenter: there as long as it is at something, closed by it alone."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.presenters.presenter import Presenter


class Sheet(QDialog):
    """`step_back`: what Esc means, for the presenter to decide."""

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.stays = True

    def heard(self, part: str) -> None:
        """The presenter told of a change, and is still at something."""
        raise NotImplementedError

    def step_back(self) -> None:
        raise NotImplementedError

    def let_go(self) -> None:
        """Closed by the presenter."""
        self.stays = False
        self.accept()

    def reject(self) -> None:
        if self.stays:
            self.step_back()
        else:
            super().reject()


class SheetOver:
    """Shows what `make` makes over the window of `over`, as long as it is `wanted`."""

    def __init__(
        self, presenter: Presenter, wanted: Callable[[], bool], make: Callable[[QWidget], Sheet], over: QWidget
    ) -> None:
        self._wanted, self._make, self._over = wanted, make, over
        self._shown: Sheet | None = None
        presenter.listen(lambda part, _key: self._heard(part))

    def _heard(self, part: str) -> None:
        wanted = self._wanted()
        if self._shown is None:
            if wanted:
                self._shown = self._make(self._over.window())
                self._shown.open()
        elif wanted:
            self._shown.heard(part)
        else:
            shown, self._shown = self._shown, None
            shown.let_go()
