"""The Outbox room: what waits for you, what is on its way, what arrived; and the practice mailbox."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from app.presenters.outbox import OutboxPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.item_panel import ItemPanel
from app.views.look import Look
from app.views.marks_bar import MarksBar
from app.views.outbox_filters import OutboxFilters
from app.views.outbox_rows import OutboxRows
from app.views.practice_panel import PracticePanel

KEYS = (  # of this room; the table of views/shortcuts.py tells them
    ("Ctrl+Return", "approve"),
    ("Ctrl+T", "retry"),
    ("Del", "cancel"),
)


class OutboxPage(QWidget):
    def __init__(self, look: Look, presenter: OutboxPresenter) -> None:
        super().__init__()
        self.setObjectName("outboxPage")
        self._look, self._presenter = look, presenter
        self.tabs = QTabWidget()
        self.tabs.setObjectName("outboxTabs")
        self.tabs.setAccessibleName("Outbox or practice mailbox")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName("Outbox or practice mailbox")
        self.tabs.addTab(self._items(), "On its way out")
        self.tabs.addTab(PracticePanel(look, presenter), "Practice mailbox")
        head = pieces.row(pieces.label("Outbox", face="title"), None, margins=(GAP_4, GAP_3, GAP_4, 0))
        self._flush = pieces.button("Try now", presenter.flush, "outboxFlush", hint="Try to deliver what waits (F5)")
        head.addWidget(self._flush)
        self.setLayout(pieces.column(pieces.box(head), self.tabs, gap=GAP_1))
        presenter.listen(lambda part, _: self._changed(part))
        self._show()

    def _items(self) -> QSplitter:
        self.list = OutboxRows(self._look)
        self.first = self.list
        self.list.chosen.connect(self._presenter.choose)
        self.list.marked.connect(self._presenter.mark)
        self.list.seen.connect(self._presenter.more)
        self.list.turned.connect(self._turn)
        self._filters = OutboxFilters(self._look, self._presenter)
        self.search = self._filters.search
        self._marks = MarksBar(self._look, self._presenter, self.list.setFocus)
        self._nothing = pieces.label("", tone="muted", wrap=True, name="outboxEmpty")
        self._widen = pieces.button("Show everything", self._show_everything, "outboxWiden", kind="link")
        self._empty = pieces.box(pieces.column(self._nothing, pieces.row(self._widen, None), gap=GAP_1))
        side = pieces.column(
            self._filters, self._marks, self._empty, self.list, gap=GAP_2, margins=(GAP_3, GAP_3, GAP_3, GAP_2)
        )
        self.panel = ItemPanel(self._look, self._presenter)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        listed = pieces.frame("side", side)
        listed.setMinimumWidth(300)
        splitter.addWidget(listed)
        splitter.addWidget(pieces.frame("reading", pieces.column(self.panel)))
        splitter.setSizes([440, 600])
        splitter.setStretchFactor(1, 1)
        self._keys()
        return splitter

    def _keys(self) -> None:
        for keys, action in KEYS:
            self._key(keys, partial(self._act, action))
        self._key("Ctrl+A", self._presenter.mark_held)
        self._key("Esc", self._presenter.mark_none)

    def _key(self, keys: str, deed: pieces.OnClick) -> None:
        """While the keyboard is in the list."""
        shortcut = QShortcut(QKeySequence(keys), self.list)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(deed)

    def _act(self, action: str) -> None:
        """Never on an item that is not the one to be seen: the first press opens it."""
        key = self.list.current_key()
        if not self._presenter.marking and key != self._presenter.in_hand:
            self._presenter.choose(key) if key else None
        else:
            self._presenter.act_in_hand(action)

    def _turn(self, key: str, opened: bool) -> None:
        if self._presenter.is_open(key) is not opened:
            self._presenter.choose(key)

    def _show_everything(self) -> None:
        self._filters.show_everything()
        self.list.setFocus()

    def _changed(self, part: str) -> None:
        if part == "rows":
            self._show()
        elif part == "edit" and self.isVisible():
            self.panel.edit()

    def _show(self) -> None:
        self.list.show_items(self._presenter.rows, self._presenter.in_hand)
        self._filters.show_chosen()
        self._marks.show_marks()
        nothing = self._presenter.nothing
        self._empty.setVisible(bool(nothing))
        self._nothing.setText(nothing)
        self._widen.setVisible(self._presenter.chosen.is_narrow)
