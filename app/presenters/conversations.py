"""The list of conversations: search, trash, which one is open."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from agent.protocol.records import Conversation
from app.presenters.chat import ChatPresenter
from app.presenters.composer import ComposerPresenter
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import count, one_line, when


@dataclass(frozen=True, slots=True)
class ConversationRow:
    id: str
    title: str
    about: str  # "14:02 · 12 messages"
    has_draft: bool
    current: bool
    trashed: bool


class ConversationsPresenter(AreaPresenter):
    """Parts that change: "rows", "current"."""

    area = "conversations"

    def __init__(
        self, submit: Submit, chat: ChatPresenter, composer: ComposerPresenter, clock: Clock = time.time
    ) -> None:
        super().__init__(submit, clock)
        self._chat, self._composer = chat, composer
        self.query = ""
        self.trashed = False
        self._found: tuple[Conversation, ...] = ()
        self._first_list = True
        self._asked = ""
        chat.listen(lambda part, _: self._changed("rows") if part in ("opened", "title") else None)

    def handlers(self) -> Handlers:
        return {events.ConversationsListed: self._listed}

    @property
    def rows(self) -> tuple[ConversationRow, ...]:
        now = self.now_ms()
        return tuple(self._row(found, now) for found in self._found)

    def refresh(self) -> None:
        command = commands.ListConversations(query=self.query, trashed=self.trashed)
        self._asked = command.id
        self._submit(command)

    def search(self, query: str) -> None:
        self.query = query
        self.refresh()

    def show_trash(self, trashed: bool) -> None:
        self.trashed = trashed
        self.refresh()

    def open(self, conversation_id: str) -> None:
        if conversation_id != self._chat.conversation_id:
            self._composer.leave()
            self._chat.open(conversation_id)

    def begin_new(self) -> None:
        self._chat.begin_new()
        self._composer.begin()

    def rename(self, conversation_id: str, title: str) -> None:
        if title.strip():
            self._submit(commands.RenameConversation(conversation_id=conversation_id, title=title.strip()))

    def trash(self, conversation_id: str) -> None:
        self._submit(commands.TrashConversation(conversation_id=conversation_id))

    def restore(self, conversation_id: str) -> None:
        """Out of the trash: the delete is the newest thing that happened to it, so undo brings it back."""
        self._submit(commands.UndoConversation(conversation_id=conversation_id))
        self.refresh()

    def _listed(self, event: events.ConversationsListed) -> None:
        if self._asked and event.cause and event.cause != self._asked:
            return  # an answer to an older search
        self._found = event.conversations
        self._changed("rows")
        if self._first_list and not self.trashed:
            self._first_list = False
            self._open_newest()

    def _open_newest(self) -> None:
        busy = self._composer.text or self._composer.pending or self._chat.conversation or self._chat.rows
        if self._found and not busy:
            self._chat.open(self._found[0].id)

    def _row(self, found: Conversation, now: int) -> ConversationRow:
        about = f"{when(found.updated_at, now)} · {count(found.messages, 'message')}"
        return ConversationRow(
            id=found.id,
            title=one_line(found.title) or "New conversation",
            about=about,
            has_draft=bool(found.draft),
            current=found.id == self._chat.conversation_id,
            trashed=found.trashed_at is not None,
        )
