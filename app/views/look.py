"""The look of the running application: which theme is on, and the signal that it changed. Follows the system, live."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from app.presenters.markdown import Inks
from app.theme import icons
from app.theme.fonts import base_px, text_font
from app.theme.palette import palette_of
from app.theme.sheet import stylesheet
from app.theme.tokens import DARK, LIGHT, Theme


class Look(QObject):
    """One per application; widgets that draw colours themselves listen to `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication, forced: Theme | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._forced = forced
        self.theme = forced or _system_theme()
        app.setStyle("Fusion")
        font = text_font()
        app.setFont(font)
        self.base_px = base_px(font)
        app.screenAdded.connect(lambda _screen: self.changed.emit())  # icons are drawn for the screens that are there
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    def force(self, theme: Theme | None) -> None:
        """Use this theme whatever the system says; None follows the system again."""
        self._forced = theme
        self._follow()

    def colour(self, role: str) -> str:
        value: str = getattr(self.theme, role)
        return value

    def icon(self, name: str, role: str = "text", size: int = 18) -> QIcon:
        return icons.icon(name, self.colour(role), size)

    def inks(self) -> Inks:
        t = self.theme
        return Inks(t.text, t.muted, t.accent_text, t.good, t.bad, t.info, t.wait, t.subtle, t.border)

    def _follow(self) -> None:
        theme = self._forced or _system_theme()
        if theme is not self.theme:
            self.theme = theme
            self.dress()
            self.changed.emit()

    def dress(self) -> None:
        """Put the theme on. After the window is built and before it is shown: under a stylesheet each widget is styled
        anew whenever it is put into another, half of the time that the window takes to be made."""
        self._app.setPalette(palette_of(self.theme))
        self._app.setStyleSheet(stylesheet(self.theme, self.base_px))


def _system_theme() -> Theme:
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT
