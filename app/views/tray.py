"""The icon in the tray, and its menu. There is one for a window, made when it is first needed."""

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from app.presenters.tray import TOLD, TrayPresenter
from app.theme import icons
from app.views.look import Look

SIZES = (16, 22, 24, 32, 48)
SHOWN_MS = 10_000


class Tray(QObject):
    """`can_hold` is asked anew each time: a desktop may lose its tray, and then no window may go there."""

    open_asked = Signal()
    quit_asked = Signal()

    def __init__(self, look: Look, presenter: TrayPresenter, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._presenter, self._window = look, presenter, window
        self._icon: QSystemTrayIcon | None = None
        self.menu = QMenu(window)
        self.menu.setObjectName("trayMenu")
        self.menu.setAccessibleName("Carryon")
        self._open = self._action("&Open Carryon", "trayOpen", self.open_asked.emit)
        self._offline = self._action("Stay o&ffline", "trayOffline", self._toggle)
        self._offline.setCheckable(True)
        self.menu.addSeparator()
        self._action("&Quit", "trayQuit", self.quit_asked.emit)
        self.menu.setDefaultAction(self._open)
        presenter.listen(lambda part, _key: self._changed(part))
        look.changed.connect(self._draw)
        self._changed("wanted")

    @property
    def can_hold(self) -> bool:
        """Whether a window that is closed now stays reachable here, as its user wants it."""
        return self._presenter.wanted and self.icon() is not None

    def icon(self) -> QSystemTrayIcon | None:
        """The icon, made now if there was none; None where the desktop has no place for one."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return None
        if self._icon is None:
            self._icon = QSystemTrayIcon(self._window)
            self._icon.setObjectName("tray")
            self._icon.setContextMenu(self.menu)
            self._icon.activated.connect(self._pressed)
            self._icon.messageClicked.connect(self.open_asked.emit)
            self._draw()
            self._changed("menu")
            self._icon.show()
        return self._icon

    def say(self, title: str, text: str) -> None:
        if icon := self.icon():
            icon.showMessage(title, text, icons.logo_icon(), SHOWN_MS)

    def explain(self) -> None:
        """What has become of the window that was just closed."""
        self.say(*TOLD)

    def _action(self, text: str, name: str, do: object) -> QAction:
        made = QAction(text, self.menu)
        made.setObjectName(name)
        made.triggered.connect(do)
        self.menu.addAction(made)
        return made

    def _toggle(self) -> None:
        self._presenter.set_offline(not self._presenter.offline)

    def _pressed(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_asked.emit()

    def _changed(self, part: str) -> None:
        if part == "wanted" and self._presenter.wanted:
            self.icon()
        self._offline.setChecked(self._presenter.offline)
        if self._icon:
            self._icon.setToolTip(self._presenter.hint)

    def _draw(self) -> None:
        """A filled shape in the theme's accent, which stands out from light and dark panels alike."""
        if self._icon is None:
            return
        drawn = QIcon()
        for size in SIZES:
            for scale in (1, 2):
                drawn.addPixmap(icons.picture("tray", self._look.colour("accent"), size, scale))
        drawn.setIsMask(sys.platform == "darwin")  # there the system colours it
        self._icon.setIcon(drawn)
