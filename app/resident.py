"""What lets Carryon stay when its window is closed, where the user wants that: the tray, the door for a second start,
and the difference between closing the window and ending the program. Made after the first paint.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QApplication, QMenuBar

from app.views.door import Door
from app.views.notifications import Notifications
from app.views.tray import Tray
from app.views.window import Window

EXPLAINED = "explained-tray"  # an empty file in the state folder: it was said once where the window goes


class Resident(QObject):
    """Watches the window from outside: a window knows nothing of trays."""

    def __init__(self, window: Window, state: Path) -> None:
        super().__init__(window)
        self._window, self._explained = window, state / EXPLAINED
        self.tray = Tray(window.look, window.desk.tray, window)
        Notifications(window.desk.toasts, window, self.tray)
        self.tray.open_asked.connect(self.come_back)
        self.tray.quit_asked.connect(self.end)
        self.door = Door(state, self)
        self.door.knocked.connect(self.come_back)
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._app = app
        app.commitDataRequest.connect(self._session_ends)
        if sys.platform == "darwin":
            self._take_quit_from_menu()
        window.closing.connect(self.door.close)

    def come_back(self) -> None:
        """Show the window, wherever it is, in front of the others."""
        window = self._window
        QApplication.setQuitOnLastWindowClosed(True)
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        window.desk.tray.went(hidden=False)

    def end(self) -> None:
        """End the program: the window closes for good, also when it is not to be seen."""
        seen = self._window.isVisible()
        self._window.leave()
        if not seen:
            QApplication.quit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's own name
        if watched is self._window and isinstance(event, QCloseEvent) and self._stays():
            event.ignore()
            self._hide()
            return True
        return False

    def _stays(self) -> bool:
        window = self._window
        return not window.leaving and not self._app.isSavingSession() and self.tray.can_hold

    def _hide(self) -> None:
        desk = self._window.desk
        desk.composer.save_draft()
        desk.library.keep_edits()
        QApplication.setQuitOnLastWindowClosed(False)  # a question that is closed later must not end the program
        self._window.hide()
        desk.tray.went(hidden=True)
        if not self._explained.exists():
            self._explained.touch(mode=0o600)
            self.tray.explain()

    def _session_ends(self) -> None:
        """A logout: nothing may stand in its way."""
        self._window.leaving = True

    def _take_quit_from_menu(self) -> None:
        """There the system's own Quit would only close the window."""
        self._bar = QMenuBar()
        quit_it = QAction("Quit", self._bar)
        quit_it.setMenuRole(QAction.MenuRole.QuitRole)
        quit_it.triggered.connect(self.end)
        self._bar.addMenu("Carryon").addAction(quit_it)
