"""The Library room: every work at the left, the one in hand at the right, with its past."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QMenu, QSplitter, QToolButton, QWidget

from app.presenters.files import FilesPresenter
from app.presenters.library import KIND_WORDS, KINDS, ArtifactRow, LibraryPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import dialogs, pieces
from app.views.artifact_panel import ArtifactPanel
from app.views.conversation_list import SEARCH_MS, SearchField
from app.views.look import Look
from app.views.rows import ListRow, RowList

EVERY_TAG = "Every tag"


class LibraryPage(QWidget):
    def __init__(self, look: Look, presenter: LibraryPresenter, files: FilesPresenter) -> None:
        super().__init__()
        self.setObjectName("libraryPage")
        self._look, self._presenter = look, presenter
        self.search = SearchField(look, "librarySearch", "Search the library", "Ctrl+F")
        self.list = RowList(look, "artifacts", "Works in the library")
        self.first = self.list
        self._nothing = pieces.label("", tone="muted", wrap=True, name="libraryEmpty")
        self._kinds = self._kind_choice()
        self._tags = _choice("libraryTag", "Tag")
        self._trash = pieces.button("Trash", self._toggle_trash, "libraryTrash", kind="side")
        self._trash.setCheckable(True)
        self.panel = ArtifactPanel(look, presenter, files)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._side())
        splitter.addWidget(self.panel)
        splitter.setSizes([330, 700])
        splitter.setStretchFactor(1, 1)
        self.setLayout(pieces.column(splitter))
        self._connect()
        self._show()

    def _side(self) -> QFrame:
        new = pieces.IconButton(self._look, "plus", "New note", self._presenter.begin_note, "newNote", keys="Ctrl+N")
        head = pieces.row(pieces.label("Library", face="title"), None, self._more(), new, margins=(GAP_1, 0, 0, 0))
        filters = pieces.row(self._kinds, self._tags, gap=GAP_2)
        layout = pieces.column(
            head, self.search, filters, self._nothing, self.list, self._trash, gap=GAP_2,
            margins=(GAP_3, GAP_3, GAP_3, GAP_2),
        )  # fmt: skip
        made = pieces.frame("side", layout, "librarySide")
        made.setMinimumWidth(260)
        return made

    def _more(self) -> QToolButton:
        more = pieces.IconButton(self._look, "more", "Import and export", None, "libraryMenu")
        menu = QMenu(more)
        menu.addAction("Import files…", self._import)
        menu.addAction("Export everything…", self._export_all)
        menu.addAction("Export the calendar…", self._export_calendar)
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return more

    def _kind_choice(self) -> QComboBox:
        made = _choice("libraryKind", "Kind")
        made.addItem("Everything", "")
        for kind in KINDS:
            made.addItem(KIND_WORDS[kind], kind)
        return made

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._typing.timeout.connect(lambda: self._presenter.search(self.search.text()))
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self._kinds.currentIndexChanged.connect(lambda _index: self._presenter.filter_kind(self._kinds.currentData()))
        self._tags.currentIndexChanged.connect(lambda _index: self._filter_tag())
        self.list.chosen.connect(self._presenter.open)
        self.list.ticked.connect(lambda key, done: self._presenter.mark_done(key, done=done))
        self._presenter.listen(lambda part, _: self._show() if part == "rows" else None)

    def _show(self) -> None:
        rows = self._presenter.rows
        self.list.show_rows([_list_row(row) for row in rows])
        if current := next((row.id for row in rows if row.current), ""):
            self.list.select(current)
        self._nothing.setVisible(not rows)
        self._nothing.setText(_nothing_words(self._presenter))
        self._trash.setText("Back to the library" if self._presenter.trashed else "Trash")
        self._trash.setAccessibleName(self._trash.text())
        self._trash.setChecked(self._presenter.trashed)
        self._show_tags()

    def _show_tags(self) -> None:
        wanted = [EVERY_TAG, *(f"#{tag}" for tag in self._presenter.tags)]
        if [self._tags.itemText(i) for i in range(self._tags.count())] != wanted:
            self._tags.blockSignals(True)
            self._tags.clear()
            self._tags.addItems(wanted)
            self._tags.setCurrentText(f"#{self._presenter.tag}" if self._presenter.tag else EVERY_TAG)
            self._tags.blockSignals(False)
        self._tags.setEnabled(len(wanted) > 1)

    def _filter_tag(self) -> None:
        text = self._tags.currentText()
        self._presenter.filter_tag("" if text == EVERY_TAG else text.removeprefix("#"))

    def _toggle_trash(self) -> None:
        self._presenter.show_trash(not self._presenter.trashed)

    def _import(self) -> None:
        self._presenter.import_files(dialogs.open_paths(self, "Import files", "All files (*)"))

    def _export_all(self) -> None:
        self._export(self._presenter.export_all, "library.zip", "Zip (*.zip)")

    def _export_calendar(self) -> None:
        self._export(self._presenter.export_calendar, "carryon.ics", "Calendar (*.ics)")

    def _export(self, deed: Callable[[str], None], name: str, kinds: str) -> None:
        if path := dialogs.save_path(self, "Export", name, kinds):
            deed(path)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panel.make_room(self.width() < 980)


def _choice(name: str, about: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(about)
    made.setMinimumWidth(100)
    return made


def _list_row(row: ArtifactRow) -> ListRow:
    return ListRow(
        key=row.id, title=row.title, about=(row.snippet and f"{row.about} · {row.snippet}") or row.about, icon=row.icon,
        current=row.current, box=row.done if row.is_task else None, faded=row.trashed or row.done,
    )  # fmt: skip


def _nothing_words(presenter: LibraryPresenter) -> str:
    if presenter.query or presenter.kind or presenter.tag:
        return "Nothing found. Search for less, or choose another kind or tag."
    if presenter.trashed:
        return "The trash is empty."
    return "Nothing here yet. Notes, tasks and documents that you make in a chat are kept here, whatever becomes of it."
