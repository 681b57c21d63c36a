"""The look of the running application: which theme is on, and the signal that it changed. Follows the system, live."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QWidget

from app.theme import icons
from app.theme.fonts import base_px, text_font
from app.theme.palette import palette_of
from app.theme.sheet import stylesheet
from app.theme.tokens import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from app.presenters.markdown import Inks

HALF_LIGHT = 128  # of 255


class Look(QObject):
    """One per application; widgets that draw colours themselves listen to `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication, forced: Theme | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._forced = forced
        self._dressed = False
        self.theme = forced or _first_theme(app)
        if app.style().objectName() != "fusion":  # made by now where it is the system's own; a second one costs 4 ms
            app.setStyle("Fusion")
        font = text_font()
        app.setFont(font)
        self.base_px = base_px(font)

    def follow_system(self) -> None:
        """After the first paint: ask the system for its theme, and hear of every change."""
        self._app.screenAdded.connect(lambda _screen: self.changed.emit())  # icons are drawn for the screens there are
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    def force(self, theme: Theme | None) -> None:
        """Use this theme whatever the system says; None follows the system again."""
        self._forced = theme
        self._follow()

    def colour(self, role: str) -> str:
        value: str = getattr(self.theme, role)
        return value

    def icon(self, name: str, role: str = "text", size: int = 18) -> QIcon:
        return icons.icon(name, self.colour(role), size)

    def inks(self) -> "Inks":
        from app.presenters.markdown import Inks

        t = self.theme
        return Inks(t.text, t.muted, t.accent_text, t.good, t.bad, t.info, t.wait, t.subtle, t.border)

    def _follow(self) -> None:
        theme = self._forced or _system_theme()
        if theme is not self.theme:
            self.theme = theme
            self.dress()
            self.changed.emit()

    def dress_first(self, window: QWidget) -> None:
        """The theme on a window alone, for its first paint. What is made afterwards is made without it, and dressed by
        `dress` all at once: under a stylesheet each widget is styled anew whenever it is put into another, half of the
        time that it takes to be made."""
        self._app.setPalette(palette_of(self.theme))
        window.setStyleSheet(stylesheet(self.theme, self.base_px))

    def dress(self) -> None:
        """Put the theme on everything."""
        self._dressed = True
        self._app.setPalette(palette_of(self.theme))
        self._app.setStyleSheet(stylesheet(self.theme, self.base_px))

    def dress_once(self) -> None:
        """As `dress`, if it was not done yet."""
        if not self._dressed:
            self.dress()


def _first_theme(app: QApplication) -> Theme:
    """As the system's own palette has it: asking for its theme by name costs 11 ms (README, why 18)."""
    return DARK if app.palette().window().color().lightness() < HALF_LIGHT else LIGHT


def _system_theme() -> Theme:
    from PySide6.QtCore import Qt

    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT
