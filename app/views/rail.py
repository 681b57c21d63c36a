"""The rail: six rooms, one click or Ctrl+1 to Ctrl+6 each. What is seen of it is there at the first paint; `finish`
adds what is pointed at, heard and counted.
"""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QToolButton

from app.presenters.rooms import VIEWS, View
from app.theme.icons import first_rail_icon, logo, rail_icon
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import layouts
from app.views.look import Look

WIDTH = 84
BADGE_MAX = 99
TEXT_UNDER_ICON = 3  # Qt.ToolButtonStyle: by its number, since naming it costs 11 ms (README, why 18)


class Rail(QFrame):
    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH)
        self._look = look
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._badges: dict[str, QLabel] = {}
        self._mark = QLabel()
        self._mark.setPixmap(logo(34, 3))
        layout = layouts.column(
            layouts.row(None, self._mark, None), GAP_2, gap=GAP_1, margins=(GAP_2, GAP_3, GAP_2, GAP_3)
        )
        for view in VIEWS:
            layout.addWidget(self._button(view))
            if view.name == "insights":
                layout.addStretch(1)
        self.setLayout(layout)
        self.select(VIEWS[0].name)

    def select(self, name: str) -> None:
        self._buttons[name].setChecked(True)

    def show_badge(self, name: str, number: int) -> None:
        """How many things in that room wait for the user."""
        title = next(view.title for view in VIEWS if view.name == name)
        self._buttons[name].setAccessibleName(f"{title}, {number} wait for you" if number else title)
        badge = self._badges[name]
        badge.setText(str(min(number, BADGE_MAX)))
        badge.setVisible(number > 0)

    def finish(self) -> None:
        """After the first paint: names, keys, badges, the icons of every state."""
        from PySide6.QtCore import Qt

        self.setAccessibleName("Rooms")
        for number, view in enumerate(VIEWS, start=1):
            made = self._buttons[view.name]
            made.setAccessibleName(view.title)
            made.setToolTip(f"{view.title} (Ctrl+{number})")
            made.setAccessibleDescription(f"Control and {number}")
            made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            made.setCursor(Qt.CursorShape.PointingHandCursor)
            self._badges[view.name] = self._badge(made)
        self._tint()
        self._look.changed.connect(self._tint)

    def _button(self, view: View) -> QToolButton:
        made = QToolButton()
        made.setObjectName(f"rail-{view.name}")
        made.setText(view.title)
        made.setCheckable(True)
        made.setProperty("toolButtonStyle", TEXT_UNDER_ICON)
        made.setIcon(first_rail_icon(view.icon, *self._colours(), lit=view is VIEWS[0]))
        made.setIconSize(QSize(22, 22))
        made.setFixedSize(WIDTH - 2 * GAP_2, 58)
        made.clicked.connect(lambda _checked=False: self.chosen.emit(view.name))
        self._group.addButton(made)
        self._buttons[view.name] = made
        return made

    @staticmethod
    def _badge(over: QToolButton) -> QLabel:
        from PySide6.QtCore import Qt

        badge = QLabel(over)
        badge.setObjectName("badge")
        badge.setTextFormat(Qt.TextFormat.PlainText)
        badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        badge.setGeometry(WIDTH - 2 * GAP_2 - 28, 5, 22, 16)
        badge.hide()
        return badge

    def _colours(self) -> tuple[str, str]:
        return self._look.colour("rail_text"), self._look.colour("rail_active_text")

    def _tint(self) -> None:
        for view in VIEWS:
            self._buttons[view.name].setIcon(rail_icon(view.icon, *self._colours()))
