"""One outbox item to the letter: what will be sent, to whom, until when, what was tried, and what can be done."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtWidgets import (
    QAbstractButton,
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
from app.presenters.item_detail import ItemDetail
from app.presenters.outbox import OutboxPresenter
from app.presenters.places import PlaceView
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4, GAP_6
from app.views import pieces
from app.views.attempts_view import attempts_view
from app.views.flow import flowing
from app.views.look import Look
from app.views.place_panel import say_place
from app.views.plan_list import plan_list
from app.views.sides_card import sides_card
from app.views.text_body import open_after_asking


class ItemPanel(QStackedWidget):
    """Of a destination that is in hand, what there is to say about that."""

    def __init__(self, look: Look, presenter: OutboxPresenter, *, compact: bool = False) -> None:
        super().__init__()
        self.setObjectName("itemPanel")
        self._look, self._presenter, self._compact = look, presenter, compact
        self._shown: ItemDetail | PlaceView | None = None
        self._column = pieces.column(gap=GAP_4)
        side = GAP_4 if compact else GAP_6
        self._reader = _scroll(pieces.box(_padded(self._column, side), "column"), "itemDetail", "Details of the item")
        self._editor = ItemEditor(presenter, self._leave_editor)
        self.addWidget(self._reader)
        self.addWidget(self._editor)
        presenter.listen(lambda part, _: self._show() if part == "detail" else None)
        look.changed.connect(self._tint)
        self._show()

    def edit(self) -> None:
        if detail := self._presenter.detail:
            self._editor.show_item(detail)
            self.setCurrentWidget(self._editor)

    def _leave_editor(self) -> None:
        self.setCurrentWidget(self._reader)

    def _tint(self) -> None:
        """What is written in colours is written anew."""
        self._build(self._shown)

    def _show(self) -> None:
        shown = self._presenter.detail or self._presenter.place
        if shown == self._shown and self._column.count():
            return
        if _key(shown) != _key(self._shown):
            self._leave_editor()
            self._reader.verticalScrollBar().setValue(0)
        self._build(shown)

    def _build(self, shown: ItemDetail | PlaceView | None) -> None:
        focus = self.window().focusWidget()
        name = focus.objectName() if focus and self._reader.isAncestorOf(focus) else ""
        self._shown = shown
        pieces.empty(self._column)
        if shown is None:
            self._column.addWidget(pieces.label("Choose an item to see exactly what is sent.", tone="muted", wrap=True))
        elif isinstance(shown, PlaceView):
            say_place(self._look, shown, self._presenter, self._column)
        else:
            self._say(shown)
        self._column.addStretch(1)
        if name:
            QTimer.singleShot(0, lambda: self._take_focus(name))

    def _take_focus(self, name: str) -> None:
        """What was pressed was made anew or is gone: the keyboard stays here, on what cannot do harm."""
        made = [one for one in self._reader.findChildren(QAbstractButton) if one.isVisible()]
        same = [one for one in made if one.objectName() == name]
        harmless = [one for one in made if one.property("kind") not in ("primary", "danger")]
        next(iter((*same, *harmless)), self._reader).setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, detail: ItemDetail) -> None:
        add = self._column
        face = "heading" if self._compact else "title"
        head = pieces.row(
            pieces.IconLabel(self._look, detail.icon, "accent_text", 20),
            pieces.ElidedLabel(detail.title, face=face),
            gap=GAP_2,
        )
        add.addLayout(head)
        add.addLayout(self._standing(detail))
        if detail.warning:
            add.addWidget(pieces.notice(self._look, detail.warning, "itemWarning", "wait"))
        if detail.sides:
            add.addWidget(sides_card(self._look, detail.sides))
        if detail.trouble:
            add.addWidget(pieces.notice(self._look, detail.trouble, "itemTrouble"))
        if detail.actions:
            add.addWidget(self._buttons(detail))
        add.addWidget(self._section("What is sent", _grid(detail.what, stacked=True)))
        if detail.plan:
            add.addWidget(self._section("Planned together", plan_list(self._look, detail.plan, self._presenter)))
        if detail.steps:
            add.addWidget(self._section("What happened so far", attempts_view(self._look, detail.steps, detail.track)))
        add.addWidget(self._section("About it", _grid(detail.facts, stacked=self._compact)))
        if detail.talk and not self._compact:
            only = pieces.button("Show what else comes from its conversation", self._presenter.only_its_conversation,
                                 "itemTalk", kind="link")  # fmt: skip
            add.addLayout(pieces.row(only, None))

    def _standing(self, detail: ItemDetail) -> QVBoxLayout:
        """Its state, what it waits for, and what that means for the user."""
        state: list[QWidget] = [pieces.chip(detail.words, detail.tone, "itemState")]
        for number, (item_id, title) in enumerate(detail.after, 1):
            go = pieces.button(f"after “{title}”", partial(self._presenter.open, item_id), f"itemAfter-{number}",
                               kind="link", hint=f"Open what it waits for: {title}")  # fmt: skip
            state.append(go)
        told = pieces.column(flowing(state), gap=GAP_2)
        if not detail.doubt:
            told.addWidget(pieces.label(detail.todo, tone="muted", wrap=True, name="itemTodo"))
            return told
        told.addWidget(pieces.label(detail.doubt, wrap=True, name="itemDoubt"))
        if detail.look:
            look = pieces.button("Look there", partial(open_after_asking, QUrl(detail.look), self), "itemLook",
                                 kind="link", hint=detail.look)  # fmt: skip
            told.addLayout(pieces.row(look, None))
        return told

    def _buttons(self, detail: ItemDetail) -> QWidget:
        return flowing(
            pieces.button(
                action.label, partial(self._act, action.name), f"itemAction-{action.name}",
                kind=action.kind if action.kind != "quiet" else "", hint=f"{action.label}: {detail.title}",
            )
            for action in detail.actions
        )  # fmt: skip

    def _act(self, action: str) -> None:
        if action == "edit":
            self.edit()
        elif isinstance(self._shown, ItemDetail):
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


def _key(shown: ItemDetail | PlaceView | None) -> str:
    if shown is None:
        return ""
    return shown.id if isinstance(shown, ItemDetail) else f"place:{shown.destination}"


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
