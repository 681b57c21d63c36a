"""The rail: six rooms, one click or Ctrl+1 to Ctrl+6 each."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QToolButton

from app.presenters.desk import VIEWS, View
from app.theme.icons import logo, rail_icon
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look

WIDTH = 84
BADGE_MAX = 99


class Rail(QFrame):
    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName("Rooms")
        self.setFixedWidth(WIDTH)
        self._look = look
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._badges: dict[str, QLabel] = {}
        mark = pieces.label()
        mark.setPixmap(logo(34, 3))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = pieces.column(mark, GAP_2, gap=GAP_1, margins=(GAP_2, GAP_3, GAP_2, GAP_3))
        for number, view in enumerate(VIEWS, start=1):
            layout.addWidget(self._button(view, number))
            if view.name == "insights":
                layout.addStretch(1)
        self.setLayout(layout)
        self._tint()
        look.changed.connect(self._tint)

    def select(self, name: str) -> None:
        self._buttons[name].setChecked(True)

    def show_badge(self, name: str, number: int) -> None:
        """How many things in that room wait for the user."""
        title = next(view.title for view in VIEWS if view.name == name)
        self._buttons[name].setAccessibleName(f"{title}, {number} wait for you" if number else title)
        badge = self._badges[name]
        badge.setText(str(min(number, BADGE_MAX)))
        badge.setVisible(number > 0)

    def _button(self, view: View, number: int) -> QToolButton:
        made = QToolButton()
        made.setObjectName(f"rail-{view.name}")
        made.setText(view.title)
        made.setAccessibleName(view.title)
        made.setToolTip(f"{view.title} (Ctrl+{number})")
        made.setAccessibleDescription(f"Control and {number}")
        made.setCheckable(True)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setIconSize(QSize(22, 22))
        made.setFixedSize(WIDTH - 2 * GAP_2, 58)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda _checked=False: self.chosen.emit(view.name))
        badge = pieces.label(name="badge")
        badge.setParent(made)
        badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        badge.setGeometry(WIDTH - 2 * GAP_2 - 28, 5, 22, 16)
        badge.hide()
        self._badges[view.name] = badge
        self._group.addButton(made)
        self._buttons[view.name] = made
        return made

    def _tint(self) -> None:
        for view in VIEWS:
            colours = self._look.colour("rail_text"), self._look.colour("rail_active_text")
            self._buttons[view.name].setIcon(rail_icon(view.icon, *colours))
