"""Reset: first what stays and what goes, then the deed, then ten seconds in which one click takes it back."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from agent.protocol.records import ResetPreview
from app.presenters.chat import ChatPresenter
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.wording import count

TITLES_SHOWN_MAX = 4


@dataclass(frozen=True, slots=True)
class ResetSheet:
    conversation_id: str
    keeps: str
    titles: str  # of the documents that stay
    lets_go: str
    also: str  # derived copies that are purged


class ResetPresenter(Presenter):
    """Part that changes: "sheet" (None: closed)."""

    def __init__(self, submit: Submit, chat: ChatPresenter, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._chat = chat
        self.sheet: ResetSheet | None = None

    def handlers(self) -> Handlers:
        return {
            events.ResetPreviewed: self._previewed,
            events.ConversationReset: lambda _: self.close(),
            events.ConversationOpened: self._opened,
        }

    def ask(self) -> None:
        if self._chat.conversation_id:
            self._submit(commands.PreviewReset(conversation_id=self._chat.conversation_id))

    def confirm(self) -> None:
        if self.sheet:
            self._submit(commands.ResetConversation(conversation_id=self.sheet.conversation_id))
            self.close()

    def close(self) -> None:
        if self.sheet:
            self.sheet = None
            self._changed("sheet")

    def _opened(self, event: events.ConversationOpened) -> None:
        if self.sheet and self.sheet.conversation_id != event.conversation.id:
            self.close()

    def _previewed(self, event: events.ResetPreviewed) -> None:
        self.sheet = sheet_of(event.preview)
        self._changed("sheet")


def sheet_of(preview: ResetPreview) -> ResetSheet:
    titles = [f"“{artifact.title}”" for artifact in preview.keeps_artifacts[:TITLES_SHOWN_MAX]]
    hidden = len(preview.keeps_artifacts) - len(titles)
    if hidden > 0:
        titles.append(f"{hidden} more")
    return ResetSheet(
        conversation_id=preview.conversation_id,
        keeps=kept_words(preview),
        titles=", ".join(titles),
        lets_go=count(preview.messages, "message"),
        also=", ".join(preview.drops_derived),
    )


def kept_words(preview: ResetPreview) -> str:
    """ "4 works in the Library and 2 items in the Outbox" """
    works, items = len(preview.keeps_artifacts), preview.keeps_outbox
    parts = [f"{count(works, 'work')} in the Library"] if works else []
    parts += [f"{count(items, 'item')} in the Outbox"] if items else []
    return " and ".join(parts) or "your Library and Outbox"
