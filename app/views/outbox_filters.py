"""Above the Outbox's list: words to search for, groups of states, how it is grouped, and what else narrows it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QFont, QFontMetrics
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QWidget

from app.presenters import tools
from app.presenters.outbox import OutboxPresenter
from app.presenters.outbox_filter import GROUPINGS
from app.presenters.states import GROUPS
from app.presenters.wording import one_line
from app.theme.tokens import GAP_1, GAP_2
from app.views import pieces
from app.views.conversation_list import SearchField
from app.views.flow import flowing
from app.views.look import Look

TYPING_MS = 120  # the list is asked for when nothing was typed for so long
CHIP_SIDES = 22  # padding and border of both sides
OFFERED_MAX = 30  # of each kind, in the menu


class OutboxFilters(QWidget):
    def __init__(self, look: Look, presenter: OutboxPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.search = SearchField(look, "outboxSearch", "Search the outbox", "Ctrl+F")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._search)
        self._chips = flowing((), gap=GAP_1)
        self._shown_chips: tuple[object, ...] = ()
        self.setLayout(pieces.column(self.search, self._groups(), self._grouping(), self._chips, gap=GAP_2))
        self.show_chosen()

    def show_everything(self) -> None:
        self._typing.stop()
        self._presenter.widen()

    def _search(self) -> None:
        self._typing.stop()
        self._presenter.filter(query=self.search.text())

    def show_chosen(self) -> None:
        chosen = self._presenter.chosen
        for name, made in self._made.items():
            made.setChecked(name == chosen.group)
            many = self._presenter.group_count(name) if name else sum(self._presenter.counts.values())
            made.setToolTip(f"{many:,} of them")
            made.setAccessibleDescription(made.toolTip())
        self._by.setCurrentIndex(next(n for n, (name, _) in enumerate(GROUPINGS) if name == chosen.by))
        if not self._typing.isActive() and self.search.text().strip() != chosen.query.strip():
            self.search.blockSignals(True)
            self.search.setText(chosen.query)
            self.search.blockSignals(False)
        self._show_chips()

    def _show_chips(self) -> None:
        """Rebuilt only where they differ, so that the keyboard stays where it is."""
        chips = self._presenter.chips
        if chips == self._shown_chips:
            return
        held = self._chips.isAncestorOf(focus) if (focus := self.window().focusWidget()) else False
        self._shown_chips = chips
        layout = self._chips.layout()
        assert layout is not None
        pieces.empty(layout)
        for chip in chips:
            take = pieces.button(
                f"{one_line(chip.words, 32)}  ✕", partial(self._presenter.widen, chip.name), f"outboxChip-{chip.name}",
                kind="filter", hint=f"Show more than {chip.words}",
            )  # fmt: skip
            layout.addWidget(take)
        self._chips.setVisible(bool(chips))
        if held:
            self.search.setFocus()

    def _groups(self) -> QWidget:
        self._made: dict[str, QPushButton] = {}
        for name in ("", *(name for name, _ in GROUPS)):
            show = partial(self._presenter.filter, group=name)
            made = pieces.button(name or "All", show, f"outboxFilter-{name or 'all'}", kind="filter")
            made.setCheckable(True)
            made.setMinimumWidth(_bold_width(made))
            self._made[name] = made
        return flowing(self._made.values(), gap=GAP_1)

    def _grouping(self) -> QWidget:
        self._by = QComboBox()
        self._by.setObjectName("outboxBy")
        self._by.setAccessibleName("Group the list")
        for _, words in GROUPINGS:
            self._by.addItem(words)
        self._by.activated.connect(lambda number: self._presenter.filter(by=GROUPINGS[number][0]))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        narrow = pieces.button(
            "Only…", lambda: None, "outboxOnly", hint="Show only one destination, tool or conversation"
        )
        narrow.setMenu(self._menu)
        mark = pieces.button("Mark several", self._presenter.begin_marking, "outboxMark",
                             hint="Decide about several at once: Space marks")  # fmt: skip
        return flowing((self._by, narrow, mark))

    def _fill_menu(self) -> None:
        self._menu.clear()
        presenter = self._presenter
        places = [(place.destination, place.name) for place in presenter.places]
        kinds = [(tool, tools.face(tool).plain) for tool in presenter.tools]
        talks = [(key, one_line(title, 50) or "New conversation") for key, title in presenter.titles.items()]
        self._offer("Destination", places, presenter.chosen.destination, lambda key: presenter.filter(destination=key))
        self._offer("Kind", kinds, presenter.chosen.tool, lambda key: presenter.filter(tool=key))
        self._offer("Conversation", talks, presenter.chosen.conversation_id,
                    lambda key: presenter.filter(conversation_id=key))  # fmt: skip
        self._menu.addSeparator()
        everything = self._menu.addAction("Everything")
        everything.triggered.connect(lambda _checked=False: self.show_everything())

    def _offer(self, title: str, offered: list[tuple[str, str]], chosen: str, choose: Callable[[str], None]) -> None:
        menu = self._menu.addMenu(title)
        menu.setEnabled(bool(offered))
        for key, words in offered[:OFFERED_MAX]:
            action = QAction(words.replace("&", "&&"), menu, checkable=True, checked=key == chosen)
            action.triggered.connect(lambda on, key=key: choose(key if on else ""))
            menu.addAction(action)


def _bold_width(button: QPushButton) -> int:
    """Chosen, its words are bolder than Qt asked room for."""
    button.ensurePolished()
    font = button.font()
    font.setWeight(QFont.Weight.DemiBold)
    font.setPixelSize(max(font.pixelSize() - 2, 12))  # what the stylesheet makes of a chip
    return QFontMetrics(font).horizontalAdvance(button.text()) + CHIP_SIDES
