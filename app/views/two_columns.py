"""Two columns side by side where there is room for both, else one below the other."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.theme.tokens import GAP_4, GAP_6

BESIDE_MIN = 560  # pixels for both; narrower columns break every other word


class TwoColumns(QWidget):
    def __init__(self, left: QWidget, right: QWidget, *, gap: int = GAP_6) -> None:
        super().__init__()
        self._gap = gap
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(gap)
        for side in (left, right):
            self._box.addWidget(side, 1, Qt.AlignmentFlag.AlignTop)
        self.setLayout(self._box)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = event.size().width() >= BESIDE_MIN
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._box.direction() is not direction:
            self._box.setDirection(direction)
            self._box.setSpacing(self._gap if beside else GAP_4)
