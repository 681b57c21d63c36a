"""One line of the settings form: what it is for, its value as the fitting control, and where that value comes from."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.presenters.settings import OptionRow
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces

OnSet = Callable[[str, Any], None]


class OptionRowView(QWidget):
    def __init__(self, key: str, on_set: OnSet) -> None:
        super().__init__()
        self.setObjectName(f"option-{key}")
        self._key, self._on_set = key, on_set
        self._title = pieces.ElidedLabel("", face="heading")
        self._about = pieces.label("", face="small", tone="muted", wrap=True)
        self._origin = pieces.label("", face="small", tone="muted")
        self._clear = pieces.button("Back to default", lambda: on_set(key, None), f"optionClear-{key}", kind="link",
                                    hint=f"Take {key} out of the file")  # fmt: skip
        self._place = pieces.column(gap=0)
        self._control: QWidget | None = None
        self._shown: OptionRow | None = None
        origin = pieces.row(self._origin, None, self._clear)
        inner = pieces.column(
            self._title, self._about, self._place, origin, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_3, GAP_2)
        )
        self.setLayout(pieces.column(pieces.frame("card", inner)))

    def show_row(self, row: OptionRow) -> None:
        if row == self._shown:
            return
        rebuild = self._shown is None or (row.kind, row.choices) != (self._shown.kind, self._shown.choices)
        self._shown = row
        self._title.say(row.title)
        self._about.setText(row.about)
        self._about.setVisible(bool(row.about))
        self._origin.setText(f"from {row.origin}" if row.from_file else "built in")
        self._clear.setVisible(row.from_file)
        if rebuild:
            pieces.empty(self._place)
            self._control = self._make(row)
            self._control.setObjectName(f"optionValue-{row.key}")
            self._control.setAccessibleName(row.title)
            self._control.setAccessibleDescription(row.about)
            self._place.addWidget(self._control)
        self._say(row.value)

    def _make(self, row: OptionRow) -> QWidget:
        if row.kind == "bool":
            box = QCheckBox("On")
            box.clicked.connect(lambda on: self._on_set(self._key, bool(on)))
            return box
        if row.kind == "choice" and row.choices:
            choice = QComboBox()
            choice.addItems(row.choices)
            choice.setEditable(False)
            choice.activated.connect(lambda _index: self._on_set(self._key, choice.currentText()))
            return choice
        field = QLineEdit()
        field.editingFinished.connect(lambda: self._finished(field))
        return field

    def _finished(self, field: QLineEdit) -> None:
        shown = self._shown
        if shown and field.text().strip() != _text(shown.value):
            self._on_set(self._key, field.text().strip() or None)

    def _say(self, value: Any) -> None:
        control = self._control
        if isinstance(control, QCheckBox):
            control.setChecked(bool(value))
            control.setText("On" if value else "Off")
        elif isinstance(control, QComboBox):
            text = _text(value)
            if control.findText(text) < 0:
                control.addItem(text)
            control.setCurrentText(text)
        elif isinstance(control, QLineEdit) and not control.hasFocus():
            control.setText(_text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
