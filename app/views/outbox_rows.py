"""The list of the Outbox: marks by Space, opens and closes destinations, and asks for more where its end is seen."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

from app.presenters.outbox_rows import ItemRow
from app.views.look import Look
from app.views.rows import ListRow, RowList

BEYOND = ("more:", "before:")
PLACE = "place:"
MARKED = ("marked", "not marked")


class OutboxRows(RowList):
    """`marked`: Space, or a click beside Ctrl; `seen`: the row that leads to more; `turned`: a destination is to be
    opened (True) or closed."""

    marked = Signal(str)
    seen = Signal(str)
    turned = Signal(str, bool)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "outboxItems", "Outbox items")
        self.setAccessibleDescription(
            "Enter opens, Space marks. Approving and the like is then for all that are marked."
        )
        self._in_hand = ""
        self._changing = False  # while rows come and go, what is to be seen means nothing
        self.ticked.connect(lambda key, _ticked: self.marked.emit(key))
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look_for_ends())

    def show_items(self, rows: Sequence[ItemRow], current: str) -> None:
        """What was seen at the top stays there, whatever comes before it."""
        self._changing = True
        try:
            self._put(rows, current)
        finally:
            self._changing = False
        QTimer.singleShot(0, self._look_for_ends)

    def _put(self, rows: Sequence[ItemRow], current: str) -> None:
        top = self.indexAt(QPoint(20, 2))
        key, offset = self._key(top), self.visualRect(top).top()
        left, at = self._beside_end(), self.current_key()
        self.show_rows([list_row(row, current) for row in rows])
        if current != self._in_hand or (at and self._number(at) is None):
            self._in_hand = current
            self._stand_on(current)
        if left:
            self._go_on_from(*left)
        if key and not key.startswith(BEYOND) and (number := self._number(key)) is not None:
            moved = self.visualRect(self.model().index(number, 0)).top() - offset
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + moved) if moved else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if key and event.key() == Qt.Key.Key_Space and not key.startswith((*BEYOND, PLACE)):
            self.marked.emit(key)
        elif key.startswith(PLACE) and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.turned.emit(key, event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        key = self._key(self.indexAt(event.position().toPoint()))
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key and not key.startswith((*BEYOND, PLACE)):
            self.marked.emit(key)
        else:
            super().mouseReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self._look_for_ends)

    def _look_for_ends(self) -> None:
        if self._changing or not self.isVisible():
            return
        seen, room = self._rows.rows, self.viewport().rect()
        for number, row in enumerate(seen):
            if row.key.startswith(BEYOND) and self.visualRect(self.model().index(number, 0)).intersects(room):
                self.seen.emit(row.key)

    def _beside_end(self) -> tuple[str, int] | None:
        """The row next to the way to more, where the keyboard stands on that; and on which side of it more comes."""
        current = self.current_key()
        if not current.startswith(BEYOND):
            return None
        by = -1 if current.startswith("more:") else 1
        number = self.currentIndex().row() + by
        rows = self._rows.rows
        return (rows[number].key, -by) if 0 <= number < len(rows) and rows[number].key else None

    def _stand_on(self, key: str) -> None:
        """Where the keyboard goes on: what is in hand, or the first that can be."""
        if self._number(key) is not None:
            self.select(key)
        else:
            self.setCurrentIndex(self.model().index(-1, 0))
            self.step(lambda row: not row.is_heading, 1)

    def _go_on_from(self, key: str, by: int) -> None:
        if (number := self._number(key)) is not None:
            self.setCurrentIndex(self.model().index(number + by, 0))

    def _number(self, key: str) -> int | None:
        return next((number for number, row in enumerate(self._rows.rows) if row.key == key), None)


def list_row(row: ItemRow, current: str) -> ListRow:
    if row.kind == "heading":
        return ListRow("", row.title)
    return ListRow(
        row.id, row.title, row.about, row.icon, row.words, row.tone, current=row.id == current, box=row.marked,
        faded=row.kind in ("more", "before"), box_words=MARKED, is_head=row.kind == "place",
    )  # fmt: skip
