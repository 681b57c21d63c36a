"""The transcript as a window on its rows: a few dozen widgets exist, whatever the length of the conversation.

Rows are built from the newest upwards, a slice of a frame at a time; scrolling near an end builds more there and lets
go of the far end. The reader's place never jumps.
"""

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from app.presenters.chat import ChatPresenter, Row
from app.theme.tokens import GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import pieces
from app.views.call_card import OnAction
from app.views.look import Look
from app.views.message import MessageView, OnMessage

PAGE = 16  # rows that are fetched at an end
ROWS_MAX = 64  # widgets that exist at once
SLICE_MS_MAX = 10.0
STREAM_MS_MIN = 33  # an answer that is written is painted at most so often
NEAR_PX = 400


class Transcript(QScrollArea):
    def __init__(self, look: Look, chat: ChatPresenter, on_message: OnMessage, on_action: OnAction) -> None:
        super().__init__()
        self.setObjectName("transcript")
        self.setAccessibleName("Conversation")
        self._look, self._chat, self._on_message, self._on_action = look, chat, on_message, on_action
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._views: list[MessageView] = []
        self._first = self._wanted_first = 0
        self._stick = True
        self._moving = False
        self._late: set[str] = set()
        self._column = pieces.column(gap=GAP_4)
        self._content = self._page()
        self.setWidget(self._content)
        self._painter = QTimer(self, singleShot=True, interval=STREAM_MS_MIN)
        self._painter.timeout.connect(self._paint_late)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._range_changed)
        chat.listen(self._changed)
        self._rebuild()

    def _page(self) -> QWidget:
        inner = pieces.box(self._column, "column")
        inner.setMaximumWidth(READING_WIDTH_MAX)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        middle = pieces.row(gap=0)
        middle.addStretch(1)
        middle.addWidget(inner, 1000)
        middle.addStretch(1)
        return pieces.box(pieces.column(None, middle, margins=(GAP_6, GAP_4, GAP_6, GAP_4)), "column")

    @property
    def _last(self) -> int:
        return self._first + len(self._views)

    def to_newest(self) -> None:
        if self._last < len(self._chat.rows):
            self._rebuild()
        self._stick = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    # Rows come and go

    def _changed(self, part: str, key: str) -> None:
        if part == "opened":
            self._rebuild()
        elif part == "added":
            self._added()
        elif part == "row":
            self._row_changed(key)

    def _rebuild(self) -> None:
        for view in self._views:
            view.hide()
            self._column.removeWidget(view)
            view.deleteLater()
        self._views = []
        count = len(self._chat.rows)
        self._first, self._wanted_first = count, max(count - PAGE, 0)
        self._stick = True
        self._grow_upwards()

    def _grow_upwards(self) -> None:
        """Build rows before the first until enough are there; rest after each slice so that nothing else waits."""
        until = time.perf_counter() + SLICE_MS_MAX / 1000
        while self._first > self._wanted_first:
            self._first -= 1
            view = self._make(self._chat.rows[self._first])
            self._views.insert(0, view)
            self._column.insertWidget(0, view)
            if time.perf_counter() > until:
                QTimer.singleShot(0, self._grow_upwards)
                return

    def _added(self) -> None:
        if self._last != len(self._chat.rows) - 1:
            return  # the reader is far above; it will be built when it is reached
        view = self._make(self._chat.rows[-1])
        self._views.append(view)
        self._column.addWidget(view)
        if view.row and view.row.role == "user":
            self._stick = True
        self._trim_top()

    def _row_changed(self, key: str) -> None:
        old, _, new = key.partition(">")
        view = next((view for view in reversed(self._views) if view.row and view.row.key == old), None)
        row = self._chat.row(new or old)
        if view is None or row is None:
            return
        if row.writing and view.row and len(row.text) > len(view.row.text):
            self._late.add(row.key)
            if not self._painter.isActive():
                self._painter.start()
        else:
            self._late.discard(old)
            view.show_row(row, self._chat.cards(row))

    def _paint_late(self) -> None:
        keys, self._late = self._late, set()
        for view in self._views:
            if view.row and view.row.key in keys and (row := self._chat.row(view.row.key)):
                view.show_row(row, self._chat.cards(row))

    def _make(self, row: Row) -> MessageView:
        view = MessageView(self._look, self._on_message, self._on_action, self._chat.now_ms())
        view.show_row(row, self._chat.cards(row))
        return view

    # The reader's place

    def _range_changed(self, _: int, maximum: int) -> None:
        if self._stick and not self._moving:
            self.verticalScrollBar().setValue(maximum)

    def _scrolled(self, value: int) -> None:
        if self._moving:
            return
        bar = self.verticalScrollBar()
        self._stick = value >= bar.maximum() - 24 and self._last >= len(self._chat.rows)
        if value < NEAR_PX and self._first > 0:
            QTimer.singleShot(0, self._page_up)
        elif value > bar.maximum() - NEAR_PX and self._last < len(self._chat.rows):
            QTimer.singleShot(0, self._page_down)

    def _page_up(self) -> None:
        if self._stick or self._first == 0:
            return
        self._hold(lambda: self._prepend(min(PAGE, self._first)), from_bottom=True)
        self._hold(self._trim_bottom, from_bottom=False)

    def _page_down(self) -> None:
        until = min(self._last + PAGE, len(self._chat.rows))
        for row in self._chat.rows[self._last : until]:
            view = self._make(row)
            self._views.append(view)
            self._column.addWidget(view)
        self._hold(self._trim_top, from_bottom=True)

    def _prepend(self, number: int) -> None:
        self._wanted_first = self._first - number
        while self._first > self._wanted_first:
            self._first -= 1
            view = self._make(self._chat.rows[self._first])
            self._views.insert(0, view)
            self._column.insertWidget(0, view)

    def _trim_top(self) -> None:
        while len(self._views) > ROWS_MAX:
            self._drop(0)
            self._first += 1
        self._wanted_first = self._first

    def _trim_bottom(self) -> None:
        while len(self._views) > ROWS_MAX:
            self._drop(len(self._views) - 1)

    def _drop(self, index: int) -> None:
        view = self._views.pop(index)
        view.hide()
        self._column.removeWidget(view)
        view.deleteLater()

    def _hold(self, change: "pieces.OnClick", *, from_bottom: bool) -> None:
        """Change rows without moving what is read: the distance to one end stays."""
        bar = self.verticalScrollBar()
        self._moving = True
        distance = bar.maximum() - bar.value() if from_bottom else bar.value()
        change()
        page = self._content
        if layout := page.layout():
            layout.activate()
        page.resize(page.width(), max(page.sizeHint().height(), self.viewport().height()))
        bar.setValue(bar.maximum() - distance if from_bottom else distance)
        self._moving = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self.to_newest()
        else:
            super().keyPressEvent(event)
