"""The Outbox room: what waits for you, what is on its way, what arrived; and the practice mailbox."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QTabWidget, QWidget

from app.presenters.outbox import OutboxPresenter
from app.presenters.states import GROUPS
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.conversation_list import SearchField
from app.views.item_panel import ItemPanel
from app.views.look import Look
from app.views.practice_panel import PracticePanel
from app.views.rows import ListRow, RowList


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
        self.list = RowList(self._look, "outboxItems", "Outbox items")
        self.first = self.list
        self.list.chosen.connect(self._presenter.open)
        self.search = SearchField(self._look, "outboxSearch", "Filter the outbox", "Ctrl+F")
        self.search.textChanged.connect(lambda text: self._presenter.filter(query=text))
        self._nothing = pieces.label("", tone="muted", wrap=True, name="outboxEmpty")
        side = pieces.column(
            self.search, self._filters(), self._nothing, self.list, gap=GAP_2, margins=(GAP_3, GAP_3, GAP_3, GAP_2)
        )
        self.panel = ItemPanel(self._look, self._presenter)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        listed = pieces.frame("side", side)
        listed.setMinimumWidth(300)
        splitter.addWidget(listed)
        splitter.addWidget(pieces.frame("reading", pieces.column(self.panel)))
        splitter.setSizes([420, 620])
        splitter.setStretchFactor(1, 1)
        return splitter

    def _filters(self) -> QHBoxLayout:
        self._groups: dict[str, QPushButton] = {}
        layout = pieces.row(gap=GAP_1)
        for name in ("", *(name for name, _ in GROUPS)):
            made = pieces.button(
                name or "All", partial(self._filter, name), f"outboxFilter-{name or 'all'}", kind="filter"
            )
            made.setCheckable(True)
            self._groups[name] = made
            layout.addWidget(made)
        layout.addStretch(1)
        return layout

    def _filter(self, group: str) -> None:
        self._presenter.filter(group=group)

    def _changed(self, part: str) -> None:
        if part == "rows":
            self._show()
        elif part == "edit" and self.isVisible():
            self.panel.edit()

    def _show(self) -> None:
        rows: list[ListRow] = []
        group = ""
        for row in self._presenter.rows:
            if row.group != group:
                group = row.group
                rows.append(ListRow("", group))
            rows.append(ListRow(row.id, row.title, row.about, row.icon, row.words, row.tone,
                                current=row.id == self._presenter.item_id))  # fmt: skip
        self.list.show_rows(rows)
        for name, made in self._groups.items():
            made.setChecked(name == self._presenter.group)
        self._nothing.setVisible(not rows)
        filtered = bool(self._presenter.query or self._presenter.group)
        self._nothing.setText(
            "Nothing here. Choose All, or filter for less." if filtered else
            "Nothing is on its way. What you ask Carryon to send waits here until it has arrived."
        )  # fmt: skip
