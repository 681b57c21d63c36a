"""Widgets put beside and under each other. Apart from the other pieces since the first paint needs nothing more."""

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from app.theme.tokens import GAP_2

Part = QWidget | QLayout | int | None  # int: a fixed gap; None: what is left over


def column(*parts: Part, gap: int = GAP_2, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    layout = QVBoxLayout()
    _fill(layout, parts, gap, margins)
    return layout


def row(*parts: Part, gap: int = GAP_2, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    layout = QHBoxLayout()
    _fill(layout, parts, gap, margins)
    return layout


def frame(panel: str, layout: QLayout, name: str = "") -> QFrame:
    made = QFrame()
    made.setObjectName(name)
    made.setProperty("panel", panel)
    made.setLayout(layout)
    return made


def box(layout: QLayout, name: str = "") -> QWidget:
    made = QWidget()
    made.setObjectName(name)
    made.setLayout(layout)
    return made


def _fill(layout: QBoxLayout, parts: tuple[Part, ...], gap: int, margins: tuple[int, int, int, int]) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
