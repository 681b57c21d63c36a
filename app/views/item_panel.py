"""One outbox item to the letter: what will be sent, to whom, until when, what was tried, and what can be done."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.presenters import tools
from app.presenters.outbox import ItemDetail, OutboxPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4, GAP_6
from app.views import pieces
from app.views.look import Look


class ItemPanel(QStackedWidget):
    def __init__(self, look: Look, presenter: OutboxPresenter, *, compact: bool = False) -> None:
        super().__init__()
        self.setObjectName("itemPanel")
        self._look, self._presenter, self._compact = look, presenter, compact
        self._shown: ItemDetail | None = None
        self._column = pieces.column(gap=GAP_4)
        side = GAP_4 if compact else GAP_6
        self._reader = _scroll(pieces.box(_padded(self._column, side), "column"), "itemDetail", "Details of the item")
        self._editor = ItemEditor(presenter, self._leave_editor)
        self.addWidget(self._reader)
        self.addWidget(self._editor)
        presenter.listen(lambda part, _: self._show() if part == "detail" else None)
        self._show()

    def edit(self) -> None:
        if detail := self._presenter.detail:
            self._editor.show_item(detail)
            self.setCurrentWidget(self._editor)

    def _leave_editor(self) -> None:
        self.setCurrentWidget(self._reader)

    def _show(self) -> None:
        detail = self._presenter.detail
        if detail == self._shown and self._column.count():
            return
        if detail is None or (self._shown and detail.id != self._shown.id):
            self._leave_editor()
        self._shown = detail
        pieces.empty(self._column)
        if detail is None:
            self._column.addWidget(pieces.label("Choose an item to see exactly what is sent.", tone="muted", wrap=True))
        else:
            self._say(detail)
        self._column.addStretch(1)

    def _say(self, detail: ItemDetail) -> None:
        add = self._column
        face = "heading" if self._compact else "title"
        head = pieces.row(
            pieces.IconLabel(self._look, detail.icon, "accent_text", 20),
            pieces.ElidedLabel(detail.title, face=face),
            gap=GAP_2,
        )
        add.addLayout(head)
        state = pieces.chip(detail.words, detail.tone, "itemState")
        add.addLayout(
            pieces.column(pieces.row(state, None), pieces.label(detail.todo, tone="muted", wrap=True), gap=GAP_2)
        )
        if detail.warning:
            add.addWidget(pieces.notice(self._look, detail.warning, "itemWarning", "wait"))
        if detail.trouble:
            add.addWidget(pieces.notice(self._look, detail.trouble, "itemTrouble"))
        if detail.actions:
            add.addWidget(self._buttons(detail))
        add.addWidget(self._section("What is sent", _grid(detail.what, stacked=True)))
        add.addWidget(self._section("About it", _grid(detail.facts, stacked=self._compact)))
        if detail.timeline:
            steps = tuple(
                (at, f"{state.rstrip('…')}: {what}" if what else state) for at, state, what in detail.timeline
            )
            add.addWidget(self._section("What happened so far", _grid(steps, stacked=False)))

    def _buttons(self, detail: ItemDetail) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_2)
        across = 2 if self._compact else 4
        for number, action in enumerate(detail.actions):
            kind = action.kind if action.kind != "quiet" else ""
            pressed = pieces.button(
                action.label, partial(self._act, action.name), f"itemAction-{action.name}", kind=kind,
                hint=f"{action.label}: {detail.title}",
            )  # fmt: skip
            grid.addWidget(pressed, number // across, number % across)
        grid.setColumnStretch(across, 1)
        return pieces.box(grid)

    def _act(self, action: str) -> None:
        if action == "edit":
            self.edit()
        elif self._shown:
            self._presenter.act(self._shown.id, action)

    def _section(self, title: str, inner: QGridLayout) -> QWidget:
        inner.setContentsMargins(GAP_3, GAP_3, GAP_3, GAP_3)
        return pieces.box(pieces.column(pieces.label(title, face="caps"), pieces.frame("card", inner), gap=GAP_1 + 2))


class ItemEditor(QScrollArea):
    """The arguments of an item as fields. Saving makes the item anew, under a key of its own."""

    def __init__(self, presenter: OutboxPresenter, on_leave: pieces.OnClick) -> None:
        super().__init__()
        self.setObjectName("itemEditor")
        self.setAccessibleName("Change what will be sent")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._presenter, self._on_leave = presenter, on_leave
        self._fields: dict[str, QLineEdit | QPlainTextEdit] = {}
        self._item_id = ""

    def show_item(self, detail: ItemDetail) -> None:
        self._item_id = detail.id
        self._fields = {key: _field(key, value) for key, value in detail.editable}
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(GAP_2)
        for key, field in self._fields.items():
            form.addRow(tools.label(key), field)
        save = pieces.button("Save", self._save, "itemSave", kind="primary")
        leave = pieces.button("Leave it", self._on_leave, "itemLeave")
        layout = pieces.column(
            pieces.label("Change what will be sent", face="title", wrap=True), form, pieces.row(None, leave, save),
            None,
            gap=GAP_4, margins=(GAP_4, GAP_3, GAP_4, GAP_4),
        )  # fmt: skip
        self.setWidget(pieces.box(layout, "column"))
        if self._fields:
            next(iter(self._fields.values())).setFocus()

    def _save(self) -> None:
        args = {key: _text(field) for key, field in self._fields.items()}
        self._presenter.change(self._item_id, args)
        self._on_leave()


def _field(key: str, value: str) -> QLineEdit | QPlainTextEdit:
    field: QLineEdit | QPlainTextEdit
    if tools.is_long(key):
        field = QPlainTextEdit(value)
        field.setMinimumHeight(140)
        field.setTabChangesFocus(True)
    else:
        field = QLineEdit(value)
        field.setCursorPosition(0)
    field.setObjectName(f"itemField-{key}")
    field.setAccessibleName(tools.label(key))
    return field


def _text(field: QLineEdit | QPlainTextEdit) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def _grid(pairs: tuple[tuple[str, str], ...], *, stacked: bool) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_4)
    grid.setVerticalSpacing(2 if stacked else GAP_2)
    grid.setColumnStretch(0 if stacked else 1, 1)
    for number, (name, value) in enumerate(pairs):
        key = pieces.label(name, tone="muted", face="small" if stacked else "")
        text = pieces.label(value, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if stacked:
            grid.addWidget(key, number * 3, 0)
            grid.addWidget(text, number * 3 + 1, 0)
            if number < len(pairs) - 1:
                grid.setRowMinimumHeight(number * 3 + 2, GAP_2 - 2)
        else:
            grid.addWidget(key, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, number, 1)
    return grid


def _padded(inner: QVBoxLayout, side: int) -> QVBoxLayout:
    return pieces.column(inner, margins=(side, GAP_3, side, GAP_4))


def _scroll(inner: QWidget, name: str, about: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setAccessibleName(about)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
