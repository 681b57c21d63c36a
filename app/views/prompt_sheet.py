"""Texts that servers have ready, on a sheet over the window: a list to search, what the chosen one wants to know, and
the moment while it is fetched. All by keyboard; Esc goes back a step, and at the first one leaves the box as it is.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QProgressBar, QWidget

from agent.protocol.server_records import PromptView
from app.presenters.prompts import PromptsPresenter, Stage
from app.presenters.wording import one_line
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import dialogs, pieces
from app.views.sheets import Sheet, SheetOver

WARNING = "What comes is written by the server, not by Carryon and not by you. You read it before anything is sent."
KEY = Qt.ItemDataRole.UserRole
LABEL_CHARACTERS_MAX = 200
MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


def prompt_sheets(presenter: PromptsPresenter, over: QWidget) -> SheetOver:
    def is_open() -> bool:
        return presenter.stage is not Stage.CLOSED

    return SheetOver(presenter, is_open, lambda parent: PromptSheet(presenter, parent), over)


class PromptSheet(Sheet):
    def __init__(self, presenter: PromptsPresenter, parent: QWidget) -> None:
        super().__init__("promptSheet", "Texts that servers have ready", parent)
        self._presenter = presenter
        self._page: QWidget | None = None
        self._column = pieces.column(gap=0, margins=(GAP_4, GAP_4, GAP_4, GAP_4))
        self.setLayout(self._column)
        self.resize(560, 460)
        self._show_stage()

    def step_back(self) -> None:
        if self._presenter.stage is Stage.CHOOSING:
            self._presenter.close()
        else:
            self._presenter.back()

    def heard(self, part: str) -> None:
        if part == "stage":
            self._show_stage()
        elif isinstance(self._page, _Choosing) and part == "offers":
            self._page.show_offers()
        elif isinstance(self._page, _Filling) and part == "trouble":
            self._page.show_trouble()

    def _show_stage(self) -> None:
        pages = {Stage.CHOOSING: _Choosing, Stage.FILLING: _Filling, Stage.FETCHING: _Fetching}
        kind = pages.get(self._presenter.stage)
        if kind is None:
            return
        if self._page is not None:
            self._page.hide()
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        self._page = kind(self._presenter, self)
        self._column.addWidget(self._page)
        self._page.setFocus()


class _Search(QLineEdit):
    """Up and Down move in the list below."""

    def __init__(self, below: QListWidget) -> None:
        super().__init__()
        self._below = below
        self.setObjectName("promptSearch")
        self.setPlaceholderText("Search")
        self.setAccessibleName("Search texts of servers; Up and Down choose, Enter takes one")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        elif self._below.count():
            self._below.setCurrentRow((self._below.currentRow() + move) % self._below.count())


class _Choosing(QWidget):
    def __init__(self, presenter: PromptsPresenter, sheet: PromptSheet) -> None:
        super().__init__()
        self._presenter = presenter
        self._list = QListWidget()
        self._list.setObjectName("promptList")
        self._list.setAccessibleName("Texts that servers have ready")
        self._list.setWordWrap(True)
        self._list.itemActivated.connect(self._take)
        search = _Search(self._list)
        search.setText(presenter.query)
        search.textChanged.connect(presenter.search)
        search.returnPressed.connect(lambda: self._take(self._list.currentItem()))
        self.setFocusProxy(search)
        self._none = pieces.label("", tone="muted", wrap=True, name="promptNone")
        leave = pieces.button("Leave it", sheet.reject, "promptLeave", hint="The box stays as it is (Esc)")
        leave.setAutoDefault(False)
        self.setLayout(pieces.column(search, self._none, self._list, pieces.row(None, leave), gap=GAP_3))
        self.show_offers()

    def show_offers(self) -> None:
        self._list.clear()
        for offer in self._presenter.offers:
            words = f"{offer.name}  ·  {offer.server}" + (f"\n{offer.about}" if offer.about else "")
            item = QListWidgetItem(words)
            item.setData(KEY, offer.key)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._none.setText(self._presenter.nothing)
        self._none.setVisible(bool(self._presenter.nothing))
        self._list.setVisible(not self._presenter.nothing)

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._presenter.choose(item.data(KEY))


class _Filling(QWidget):
    """A line for each thing that the server wants to know."""

    def __init__(self, presenter: PromptsPresenter, sheet: PromptSheet) -> None:
        super().__init__()
        self._presenter = presenter
        chosen = presenter.chosen
        assert chosen is not None, "the presenter chooses before it asks"
        self._fields: dict[str, QLineEdit] = {}
        lines = pieces.column(*self._asked(chosen), None, gap=GAP_2, margins=(0, 0, GAP_2, 0))
        self._trouble = pieces.label("", tone="bad", wrap=True, name="promptTrouble")
        fetch = pieces.button("Fetch it", self._fetch, "promptFetch", kind="primary",
                              hint=f"Ask {chosen.server} for it, and read it in the box")  # fmt: skip
        fetch.setDefault(True)
        back = pieces.button("Back", sheet.reject, "promptBack", hint="To the list (Esc)")
        back.setAutoDefault(False)
        area = dialogs.scroll(pieces.box(lines), "promptArea", "What it wants to know")
        warning = pieces.label(WARNING, face="small", tone="muted", wrap=True)
        foot = pieces.row(None, back, fetch, gap=GAP_2)
        self.setLayout(pieces.column(_title(chosen), area, self._trouble, warning, foot, gap=GAP_3))
        self.setFocusProxy(next(iter(self._fields.values()), fetch))
        self.show_trouble()

    def _asked(self, chosen: PromptView) -> list[QWidget]:
        made: list[QWidget] = []
        for number, one in enumerate(chosen.arguments):
            name = one_line(one.name, LABEL_CHARACTERS_MAX)
            field = QLineEdit(self._presenter.given.get(one.name, ""))
            field.setObjectName(f"promptField-{number}")
            field.setAccessibleName(name)
            field.setAccessibleDescription(one.about)
            self._fields[one.name] = field
            made.append(pieces.label(name if one.required else f"{name} (optional)", face="heading"))
            made += [pieces.label(one.about, tone="muted", wrap=True)] if one.about else []
            made.append(field)
        return made

    def show_trouble(self) -> None:
        self._trouble.setText(self._presenter.trouble)
        self._trouble.setVisible(bool(self._presenter.trouble))

    def _fetch(self) -> None:
        self._presenter.fetch({name: field.text() for name, field in self._fields.items()})


class _Fetching(QWidget):
    def __init__(self, presenter: PromptsPresenter, sheet: PromptSheet) -> None:
        super().__init__()
        chosen = presenter.chosen
        assert chosen is not None, "the presenter chooses before it fetches"
        words = pieces.label(f"{chosen.server} is started, if it does not run, and asked for it…", wrap=True,
                             name="promptFetching")  # fmt: skip
        going = QProgressBar()
        going.setRange(0, 0)
        going.setAccessibleName(f"Waiting for {chosen.server}")
        stop = pieces.button("Stop", sheet.reject, "promptStop", hint="Do not wait for it (Esc)")
        self.setLayout(pieces.column(_title(chosen), words, going, None, pieces.row(None, stop), gap=GAP_3))
        self.setFocusProxy(stop)


def _title(chosen: PromptView) -> QWidget:
    name = one_line(chosen.name, LABEL_CHARACTERS_MAX)
    return pieces.label(f"{name}  ·  {chosen.server}", face="title", wrap=True, name="promptTitle")
