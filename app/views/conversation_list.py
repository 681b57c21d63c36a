"""The conversations at the left: search, new, and what can be done with one of them."""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCursor, QIcon
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu

from app.presenters.conversations import ConversationRow, ConversationsPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import dialogs, pieces
from app.views.look import Look
from app.views.rows import ListRow, RowList

SEARCH_MS = 200  # after the last key


class ConversationList(QFrame):
    def __init__(self, look: Look, presenter: ConversationsPresenter) -> None:
        super().__init__()
        self.setObjectName("conversationList")
        self.setProperty("panel", "side")
        self._presenter = presenter
        self._title = pieces.label("Conversations", face="title")
        new = pieces.IconButton(look, "plus", "New conversation", presenter.begin_new, "newConversation", keys="Ctrl+N")
        self.search = SearchField(look, "conversationSearch", "Search conversations", "Ctrl+K")
        self.list = RowList(look, "conversations", "Conversations")
        self._nothing = pieces.label("", tone="muted", wrap=True, name="conversationsEmpty")
        self._trash = pieces.button("", self._toggle_trash, "conversationTrash", kind="side")
        self._trash.setCheckable(True)
        head = pieces.row(self._title, None, new, margins=(GAP_1, 0, 0, 0))
        self.setLayout(
            pieces.column(head, self.search, self._nothing, self.list, self._trash, gap=GAP_2,
                          margins=(GAP_3, GAP_3, GAP_3, GAP_2))
        )  # fmt: skip
        self._connect()
        self._show()

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._typing.timeout.connect(lambda: self._presenter.search(self.search.text()))
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.chosen.connect(self._presenter.open)
        self.list.menu_asked.connect(self._menu)
        self._presenter.listen(lambda part, _: self._show() if part == "rows" else None)

    def _show(self) -> None:
        rows = self._presenter.rows
        self.list.show_rows([_list_row(row) for row in rows])
        self._title.setText("Trash" if self._presenter.trashed else "Conversations")
        self._trash.setText("Back to conversations" if self._presenter.trashed else "Trash")
        self._trash.setAccessibleName(self._trash.text())
        self._trash.setChecked(self._presenter.trashed)
        self._nothing.setVisible(not rows)
        self._nothing.setText(_nothing_words(self._presenter))

    def _toggle_trash(self) -> None:
        self._presenter.show_trash(not self._presenter.trashed)

    def _menu(self, key: str) -> None:
        row = next((row for row in self._presenter.rows if row.id == key), None)
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row.trashed:
            menu.addAction("Bring it back", partial(self._presenter.restore, key))
        else:
            menu.addAction("Open", partial(self._presenter.open, key))
            menu.addAction("Rename…", partial(self._rename, key, row.title))
            menu.addAction("Move to the trash", partial(self._presenter.trash, key))
        menu.popup(QCursor.pos())

    def _rename(self, key: str, title: str) -> None:
        if text := dialogs.ask_text(self, "Rename", "Title of this conversation", title):
            self._presenter.rename(key, text)


class SearchField(QLineEdit):
    def __init__(self, look: Look, name: str, about: str, keys: str = "") -> None:
        super().__init__()
        self._look = look
        self.setObjectName(name)
        self.setAccessibleName(about)
        self.setAccessibleDescription(keys)
        self.setPlaceholderText(f"Search ({keys})" if keys else "Filter")
        self.setClearButtonEnabled(True)
        self._sign = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self._tint()
        look.changed.connect(self._tint)

    def _tint(self) -> None:
        self._sign.setIcon(self._look.icon("search", "muted", 16))


def _list_row(row: ConversationRow) -> ListRow:
    words = "Draft" if row.has_draft and not row.current else ""
    return ListRow(row.id, row.title, row.about, words=words, current=row.current, faded=row.trashed)


def _nothing_words(presenter: ConversationsPresenter) -> str:
    if presenter.query:
        return f"Nothing found for “{presenter.query}”."
    return "The trash is empty." if presenter.trashed else "Nothing here yet. Write your first message."
