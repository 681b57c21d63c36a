"""The transcript as a window on its rows: a few dozen widgets exist, whatever the length of the conversation.

Rows are built from the newest upwards, a slice of a frame at a time; scrolling near an end builds more there and lets
go of the far end. The reader's place never jumps.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from agent.protocol.records import Role
from app.presenters.chat import ChatPresenter, Row
from app.presenters.files import FilesPresenter
from app.theme.tokens import GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import pieces
from app.views.call_card import CallCard, OnAction
from app.views.look import Look
from app.views.message import MessageView, OnMessage

PAGE = 16  # rows that are fetched at an end
ROWS_MAX = 64  # widgets that exist at once
SLICE_MS_MAX = 10.0
STREAM_MS_MIN, STREAM_MS_MAX = 50, 500  # between two paints of an answer that is being written
STREAM_REST = 20  # so many times as long as a paint took: the model needs the processor more
NEAR_PX = 400


class Transcript(QScrollArea):
    def __init__(
        self, look: Look, chat: ChatPresenter, files: FilesPresenter, on_message: OnMessage, on_action: OnAction
    ) -> None:
        super().__init__()
        self.setObjectName("transcript")
        self.setAccessibleName("Conversation")
        self._look, self._chat, self._files = look, chat, files
        self._on_message, self._on_action = on_message, on_action
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._views: list[MessageView] = []
        self._first = self._wanted_first = 0
        self._stick, self._at_top = True, False
        self._moving = False
        self._anchor: tuple[MessageView, int] | None = None
        self._late: set[str] = set()
        self._column = pieces.column(gap=GAP_4)
        self._content = self._page()
        self.setWidget(self._content)
        self._painter = QTimer(self, singleShot=True)
        self._painter.timeout.connect(self._paint_late)
        self._sought = ""  # a call, whose card gets the keyboard
        self._finder = self._soon(self._focus_sought)
        self._painted = self._soon(self._rest)
        self._paint_began = 0.0
        self._grower = self._soon(self._grow_upwards)
        self._pager_up, self._pager_down = self._soon(self._page_up), self._soon(self._page_down)
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

    def _soon(self, deed: Callable[[], None]) -> QTimer:
        """A timer that does it once the events at hand are done; asked twice, it does it once."""
        timer = QTimer(self, singleShot=True, interval=0)
        timer.timeout.connect(deed)
        return timer

    @property
    def _last(self) -> int:
        return self._first + len(self._views)

    def to_newest(self) -> None:
        if self._last < len(self._chat.rows):
            self._rebuild()
        self._stick = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def to_oldest(self) -> None:
        if self._first > 0:
            self._rebuild(until=PAGE)
        self._stick, self._at_top = False, True
        self._jump(0)

    def to_call(self, call_id: str) -> None:
        """Its card in sight, with the keyboard on it."""
        place = self._chat.place_of(call_id)
        if place is None:
            return
        self._rebuild(until=place + 1)
        self._sought = call_id
        self._finder.start()

    def _focus_sought(self) -> None:
        """Once it is laid out."""
        cards = [card for view in self._views for card in view.findChildren(CallCard, f"card-{self._sought}")]
        if cards:
            cards[-1].take_focus()

    # Rows come and go

    def _changed(self, part: str, key: str) -> None:
        if part == "opened":
            self._rebuild()
        elif part == "added":
            self._added()
        elif part == "row":
            self._row_changed(key)
        elif part == "call":
            self.to_call(key)

    def _rebuild(self, until: int | None = None) -> None:
        """Begin anew with the rows before `until`; with the newest where it is left out."""
        for view in self._views:
            view.hide()
            self._column.removeWidget(view)
            view.deleteLater()
        self._views = []
        count = len(self._chat.rows) if until is None else min(until, len(self._chat.rows))
        self._first, self._wanted_first = count, max(count - PAGE, 0)
        self._stick, self._at_top, self._anchor = True, False, None
        self._grow_upwards()

    def _grow_upwards(self) -> None:
        """Build rows before the first until enough are there; rest after each slice so that nothing else waits."""
        until = time.perf_counter() + SLICE_MS_MAX / 1000
        while self._first > self._wanted_first:
            self._first -= 1
            self._put_in(0, self._chat.rows[self._first])
            if time.perf_counter() > until:
                self._grower.start()
                break
        self._settle()

    def _added(self) -> None:
        if self._last != len(self._chat.rows) - 1:
            return  # the reader is far above; it will be built when it is reached
        row = self._chat.rows[-1]
        self._put_in(len(self._views), row)
        if row.role is Role.USER:
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
            if not (self._painter.isActive() or self._painted.isActive()):
                self._paint_late()  # the first word at once
        else:
            self._late.discard(old)
            view.show_row(row, self._chat.cards(row), self._chat.choices(row))

    def _paint_late(self) -> None:
        if not self._late:
            return
        self._paint_began = time.perf_counter()
        self._painted.start()
        keys, self._late = self._late, set()
        for view in self._views:
            if view.row and view.row.key in keys and (row := self._chat.row(view.row.key)):
                view.show_row(row, self._chat.cards(row), self._chat.choices(row))

    def _rest(self) -> None:
        """Called when what was said is laid out and painted."""
        spent_ms = (time.perf_counter() - self._paint_began) * 1_000
        self._painter.start(min(max(round(spent_ms * STREAM_REST), STREAM_MS_MIN), STREAM_MS_MAX))

    def _put_in(self, index: int, row: Row) -> None:
        view = MessageView(self._look, self._files, self._on_message, self._on_action, self._chat.now_ms())
        view.show_row(row, self._chat.cards(row), self._chat.choices(row))
        self._views.insert(index, view)
        self._column.insertWidget(index, view)
        view.show()  # at once, so that the layout counts it before the next paint

    # The reader's place

    def _range_changed(self, _: int, maximum: int) -> None:
        if self._moving:
            return
        if self._stick:
            self.verticalScrollBar().setValue(maximum)
        elif self._at_top:
            self._jump(0)
        else:
            self._return_to_anchor()

    def _scrolled(self, value: int) -> None:
        if self._moving:
            return
        bar = self.verticalScrollBar()
        self._stick = value >= bar.maximum() - 24 and self._last >= len(self._chat.rows)
        self._at_top = False
        self._anchor = self._topmost()
        if value < NEAR_PX and self._first > 0:
            self._pager_up.start()
        elif value > bar.maximum() - NEAR_PX and self._last < len(self._chat.rows):
            self._pager_down.start()

    def _page_up(self) -> None:
        if not self._stick and self._first > 0:
            self._wanted_first = max(self._first - PAGE, 0)
            self._trim_bottom()
            self._grow_upwards()

    def _page_down(self) -> None:
        until = min(self._last + PAGE, len(self._chat.rows))
        for row in self._chat.rows[self._last : until]:
            self._put_in(len(self._views), row)
        self._trim_top()
        self._settle()

    def _trim_top(self) -> None:
        while len(self._views) > ROWS_MAX:
            self._drop(0)
            self._first += 1
            self._wanted_first = max(self._wanted_first, self._first)

    def _trim_bottom(self) -> None:
        """Make room for a page at the top."""
        while len(self._views) > ROWS_MAX - PAGE:
            self._drop(len(self._views) - 1)

    def _drop(self, index: int) -> None:
        view = self._views.pop(index)
        view.hide()
        self._column.removeWidget(view)
        view.deleteLater()

    def _topmost(self) -> tuple[MessageView, int] | None:
        """The first message that is seen, and how far below the upper edge it begins."""
        top = self.verticalScrollBar().value()
        for view in self._views:
            y = view.mapTo(self._content, QPoint(0, 0)).y()
            if y + view.height() > top:
                return view, y - top
        return None

    def _settle(self) -> None:
        """Lay out what came and went, and put the reader back; later corrections arrive as changes of the range."""
        self._moving = True
        self._column.activate()
        if layout := self._content.layout():
            layout.activate()
        self._moving = False
        self._range_changed(0, self.verticalScrollBar().maximum())
        self._chat.look_up(view.row for view in self._views if view.row)
        self._fill_up()

    def _fill_up(self) -> None:
        """A page that is not full cannot be scrolled: what is above comes by itself."""
        room = self.verticalScrollBar().maximum() == 0 and len(self._views) < ROWS_MAX
        if room and 0 < self._first <= self._wanted_first:
            self._wanted_first = max(self._first - PAGE, 0)
            self._grower.start()

    def _return_to_anchor(self) -> None:
        if self._anchor is None or self._anchor[0] not in self._views:
            return
        view, below = self._anchor
        self._jump(view.mapTo(self._content, QPoint(0, 0)).y() - below)

    def _jump(self, value: int) -> None:
        """Scroll without taking it for the reader's doing."""
        self._moving = True
        self.verticalScrollBar().setValue(value)
        self._moving = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self.to_newest()
        elif event.key() == Qt.Key.Key_Home:
            self.to_oldest()
        else:
            super().keyPressEvent(event)
