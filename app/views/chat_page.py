"""The Chat room: conversations at the left, the transcript in the middle, what a card points at on the right."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QToolButton, QVBoxLayout, QWidget

from agent.protocol.records import SUMMARY_CHARACTERS_MAX, Summary
from app.presenters.cards import CardView
from app.presenters.chat import Row
from app.presenters.desk import Desk
from app.theme.tokens import GAP_2, GAP_3, GAP_4, GAP_6, READING_WIDTH_MAX
from app.views import dialogs, pieces
from app.views.blank_page import BlankPage
from app.views.call_card import OPEN_FILE
from app.views.composer import Composer
from app.views.conversation_list import ConversationList
from app.views.in_hand import InHand
from app.views.look import Look
from app.views.reset_sheet import ResetSheetView
from app.views.shell import LIST_WIDTH, foot
from app.views.transcript import Transcript
from app.views.welcome import WelcomeView

_SHOWN = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
NARROW = 1000  # below that the list makes room for what is in hand
EDIT_SUMMARY = (
    "The model is told this instead of the oldest messages of this conversation. They themselves stay as they are."
)


class ChatPage(QWidget):
    def __init__(self, look: Look, desk: Desk, open_view: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("chatPage")
        self._look, self._desk, self._open_view = look, desk, open_view
        self.conversations = ConversationList(look, desk.conversations)
        self.transcript = Transcript(look, desk.chat, desk.files, self._on_message, self._on_card)
        self.composer = Composer(look, desk.composer, desk.chat, desk.context, desk.prompts)
        self.in_hand = InHand(look, desk.library, desk.files, desk.outbox, open_view)
        self.in_hand.installEventFilter(self)
        self._welcome = WelcomeView(look, desk.welcome, self.suggest, lambda: open_view("settings"))
        self._blank = BlankPage(self.suggest)
        self._title = pieces.ElidedLabel("", face="heading")
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        for part in (self.conversations, self._middle(), self.in_hand):
            self._splitter.addWidget(part)
        self._splitter.setSizes([LIST_WIDTH, 640, 340])
        self._splitter.setStretchFactor(1, 1)
        self.conversations.setMinimumWidth(200)
        self.setLayout(pieces.column(self._splitter))
        self._listen()

    def suggest(self, text: str) -> None:
        self._desk.composer.suggest(text)
        self.composer.take_focus()

    # Laying out

    def _middle(self) -> QFrame:
        below = pieces.column(ResetSheetView(self._look, self._desk.reset), self.composer, gap=GAP_2)
        middle: QVBoxLayout = pieces.column(self._head(), gap=0)
        middle.addWidget(self._welcome_area(), 1)
        middle.addWidget(self.transcript, 1)
        middle.addWidget(self._blank, 1)
        middle.addLayout(foot(below))
        made = pieces.frame("reading", middle, "chatMiddle")
        made.setMinimumWidth(360)
        return made

    def _welcome_area(self) -> QWidget:
        self._welcome.setMaximumWidth(READING_WIDTH_MAX)
        centred = pieces.row(gap=0)
        centred.addStretch(1)
        centred.addWidget(self._welcome, 1000)
        centred.addStretch(1)
        layout = pieces.column(None, centred, None, margins=(GAP_6, GAP_4, GAP_6, GAP_3))
        self._welcome_box = dialogs.scroll(pieces.box(layout, "column"), "welcomeArea", "Welcome")
        return self._welcome_box

    def _head(self) -> QFrame:
        self._reset = pieces.button("Reset", self._desk.reset.ask, "reset", kind="quiet",
                              hint="Start afresh; your work stays (Ctrl+Shift+R)")  # fmt: skip
        self._undo = pieces.button("Undo", self._desk.chat.undo, "undo", kind="quiet",
                                   hint="Take back the last reset or change (Ctrl+Shift+Z)")  # fmt: skip
        more = self._more = pieces.IconButton(self._look, "more", "More about this conversation", None, "chatMenu")
        menu = QMenu(more)
        menu.addAction("Rename…", self._rename)
        menu.addAction("Export…", self._export)
        menu.addAction("Undo the last reset or change", self._desk.chat.undo)
        menu.addSeparator()
        menu.addAction("Move to the trash", self._trash)
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        layout = pieces.row(self._title, self._undo, self._reset, more, gap=GAP_2, margins=(GAP_6, GAP_2, GAP_3, GAP_2))
        layout.setStretch(0, 1)
        return pieces.frame("bar", layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        crowded = self.width() < NARROW and self.in_hand.isVisibleTo(self)
        self.conversations.setVisible(not crowded)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.in_hand and event.type() in _SHOWN:
            self._make_room()
        return False

    # What changed

    def _listen(self) -> None:
        self._desk.chat.listen(lambda part, _: self._show_head() if part in ("opened", "title", "turn") else None)
        self._desk.chat.listen(lambda part, _: self._show_welcome() if part in ("opened", "added") else None)
        self._desk.welcome.listen(lambda _part, _key: self._show_welcome())
        self._desk.composer.listen(lambda part, _: self.composer.take_focus() if part == "editing" else None)
        self._desk.reset.listen(lambda _part, _key: None if self._desk.reset.sheet else self.composer.take_focus())
        self.composer.whole_asked.connect(lambda text: dialogs.show_text(self, "Pasted text", text))
        self._show_head()
        self._show_welcome()

    def _show_head(self) -> None:
        conversation = self._desk.chat.conversation
        self._title.say((conversation.title or "New conversation") if conversation else "New conversation")
        trashed = bool(conversation and conversation.trashed_at)
        self._reset.setVisible(conversation is not None and not trashed)
        self._undo.setText("Bring it back" if trashed else "Undo")
        self._more.setEnabled(conversation is not None)
        self._undo.setVisible(bool(conversation and conversation.can_undo))

    def _show_welcome(self) -> None:
        blank = not self._desk.chat.rows
        welcome = blank and self._desk.welcome.shown
        self._welcome_box.setVisible(welcome)
        self._blank.setVisible(blank and not welcome)
        self.transcript.setVisible(not blank)

    # What the user does

    def _on_message(self, action: str, key: str) -> None:
        row = self._desk.chat.row(key)
        if row is None:
            return
        chat = self._desk.chat
        deeds: dict[str, Callable[[], object]] = {
            "copy": lambda: QGuiApplication.clipboard().setText(row.text),
            "whole": lambda: dialogs.show_text(self, "The whole message", row.text),
            "thoughts": lambda: dialogs.show_text(self, "What the model said to itself", row.thinking),
            "edit": lambda: self._desk.composer.edit(key, row.text),
            "regenerate": lambda: chat.regenerate(key),
            "misread": lambda: chat.mark_misread(key),
            "branch": lambda: chat.branch(key),
            "stop": chat.cancel,
            "put-off": chat.put_off,
        }
        if action in deeds:
            deeds[action]()
        elif row.summary:
            self._on_summary(action, row, row.summary)
        elif action.startswith("choose-"):
            chat.choose(key, int(action.removeprefix("choose-")))
            self.composer.take_focus()  # the buttons go once the choice is on its way

    def _on_summary(self, action: str, row: Row, summary: Summary) -> None:
        if action == "summary-edit":
            save = partial(self._desk.chat.edit_summary, row.key)
            most = SUMMARY_CHARACTERS_MAX
            dialogs.edit_text(self, "Older messages, for the model", EDIT_SUMMARY, summary.text, most, save)
        else:
            self._desk.chat.switch_summary(row.key, on=action == "summary-on")

    def _on_card(self, view: CardView, action: str) -> None:
        if action == "open":
            self.in_hand.show_work(view.artifact_id)
        elif action.startswith(OPEN_FILE):
            self.in_hand.show_work(action.removeprefix(OPEN_FILE))
        elif action in ("accept", "decline"):
            self._desk.chat.decide(view.call_id, accept=action == "accept")
        elif action == "sign_in":
            self._desk.sign_in.begin(view.sign_in)
        elif action.startswith("call_"):
            self._desk.chat.resolve(view.call_id, action.removeprefix("call_"))
        elif action in ("show", "edit"):
            self._desk.outbox.open(view.item_id)
            self.in_hand.edit_item() if action == "edit" else self.in_hand.show_item()
        else:
            self._desk.outbox.act(view.item_id, action)

    def _rename(self) -> None:
        conversation = self._desk.chat.conversation
        if conversation and (title := dialogs.ask_text(self, "Rename", "Title", conversation.title)):
            self._desk.chat.rename(title)

    def _export(self) -> None:
        if path := dialogs.save_path(
            self, "Export this conversation", "conversation.md", "Markdown (*.md);;JSON (*.json)"
        ):
            self._desk.chat.export(path)

    def _trash(self) -> None:
        if conversation_id := self._desk.chat.conversation_id:
            self._desk.conversations.trash(conversation_id)
