"""What the user is writing. Nothing here is ever lost: every text is on the disk as a draft until its message is.

A message leaves the box when it is sent, waits in `pending` until the core says that it is stored, and comes back
into the box if it could not be. Large pastes are kept whole as pieces beside the text, so that typing stays quick.
"""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from app.presenters.chat import ChatPresenter
from app.presenters.early import EarlyComposer
from app.presenters.let_go import LetGo
from app.presenters.origins import named
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.standing import RESTING
from app.presenters.wording import count, one_line, size

PASTE_CHARACTERS_MIN = 20_000  # a longer paste becomes a piece of its own
CALLS_FOR_TEXTS = "/"  # alone in the box: the texts that servers have ready are offered
Sources = tuple[str, ...]
GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Paste:
    """A long text, whole. `about` is what its chip says."""

    text: str

    @property
    def about(self) -> str:
        lines = count(self.text.count("\n") + 1, "line")
        return f"Pasted text · {size(len(self.text.encode()))} · {lines}"

    @property
    def beginning(self) -> str:
        return one_line(self.text, 60)


@dataclass(frozen=True, slots=True)
class Pending:
    command_id: str
    conversation_id: str | None
    text: str
    sources: Sources = ()


class ComposerPresenter(Presenter):
    """Parts that change: "text" (set the box anew), "pastes", "pending", "editing", "lent". `lent`: who wrote some of
    what stands in the box besides the user; it goes along with the text, wherever that goes, until the box is empty."""

    def __init__(self, submit: Submit, chat: ChatPresenter, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._chat = chat
        self.text = ""
        self.pastes: tuple[Paste, ...] = ()
        self.pending: tuple[Pending, ...] = ()
        self.lent: Sources = ()
        self.lent_note = ""
        self._began: tuple[str, ...] = ()  # what the box was last set to; undoing goes no further back
        self._let_go = LetGo()
        self.editing = ""  # id of the message that is edited; "" while a new one is written
        self._saved: tuple[str, Sources] = ("", ())
        self._aside_lent: Sources = ()
        self._aside, self._edited = "", ""  # what an edit pushed out of the box, and what it began with
        self._heard_list = False
        self._between = False  # left one conversation; the next has not opened yet
        self._resting: set[str] = set()  # models to be woken when the user writes
        self._not_begun_lent: Sources = ()
        self._not_begun = ""  # what stands in the box of a conversation that has not begun
        self._conversation_id: str | None = None

    def handlers(self) -> Handlers:
        return {
            events.ConversationOpened: self._opened,
            events.TurnStarted: self._started,
            events.ConversationsListed: self._listed,
            events.ConversationTrashed: self._trashed,
            events.Failed: self._failed,
            events.ProfileUnavailable: self._failed,
            events.ModelStateChanged: self._model,
        }

    def take_over(self, early: EarlyComposer) -> None:
        """What was written and sent before there was a presenter, in that order; each keeps the id it is kept under."""
        for sent in early.pending:
            self._send(commands.SendMessage(id=sent.id, text=sent.text), sent.text)
        if early.text:
            self._set(early.text)

    # What the user does

    def typed(self, text: str, *, undone: bool = False) -> None:
        """The box changed by hand, or went back a change. Saving is the view's timer calling `save_draft`."""
        before, self.text = self.text, text
        self._let_go_of_lent(before)
        if text.strip() and (undone or self._let_go.has(text)):
            self._lend_again()
        if text.strip() and self._resting:
            self._resting.clear()  # asked for once
            self._submit(commands.WakeModels())

    def paste(self, text: str) -> bool:
        """True when the paste was long and is now a piece; otherwise the box takes it as text."""
        if self._let_go.has(text):
            self._lend_again()
        if len(text) < PASTE_CHARACTERS_MIN:
            return False
        self.pastes = (*self.pastes, Paste(text))
        self._changed("pastes")
        self.save_draft()
        return True

    def remove_paste(self, index: int) -> None:
        self.pastes = self.pastes[:index] + self.pastes[index + 1 :]
        self._changed("pastes")
        self._let_go_of_lent()
        self.save_draft()

    def suggest(self, text: str) -> None:
        """Put an example in the box, for the user to send or change."""
        self._set(text)
        self.save_draft()

    def lend(self, text: str, source: str, note: str = "") -> None:
        """Words of somebody else, behind what stands there, for the user to read, change and send. `note`: what of them
        was left out."""
        if self.text.strip() == CALLS_FOR_TEXTS:
            self.text = ""
        self._lend((source,), note)
        if self.pastes or len(text) >= PASTE_CHARACTERS_MIN:
            self._set(self.text, (*self.pastes, Paste(text)))
        else:
            self._set(_joined(self.text.strip(), text))
        self.save_draft()

    def bring_back(self, text: str) -> None:
        """What could not be stored last time goes before what is written now."""
        self._restore(_joined(text, self._whole()))
        self.save_draft()

    def send(self) -> bool:
        """True when something was sent."""
        whole = self._whole()
        if not whole.strip():
            return False
        self.save_draft()
        lent = self.lent
        if self.editing:
            command: commands.Command = commands.EditMessage(message_id=self.editing, text=whole, sources=lent)
        else:
            command = commands.SendMessage(text=whole, conversation_id=self._conversation_id, sources=lent)
        self.editing = ""
        self._restore(*self._take_aside())
        self._send(command, whole, lent)
        self._changed("editing")
        return True

    def _send(self, command: commands.Command, text: str, lent: Sources = ()) -> None:
        self.pending = (*self.pending, Pending(command.id, self._conversation_id, text, lent))
        self._changed("pending")
        self._submit(command)

    def edit(self, message_id: str, text: str) -> None:
        """Take an earlier message into the box; sending answers it anew."""
        self.save_draft()
        if not self.editing:
            self._aside, self._aside_lent = _joined(self._aside, self._whole()), _all(self._aside_lent, self.lent)
        self.editing, self._edited = message_id, text
        row = self._chat.row(message_id)
        self._set(text)
        self._lend(row.sources if row else (), anew=True)
        self._changed("editing")

    def edit_last(self) -> bool:
        last = self._chat.last_own_message()
        if last is None or self._whole():
            return False
        self.edit(last.key, last.text)
        return True

    def stop_editing(self) -> None:
        """Leave the message as it was; what was in the box before comes back."""
        if self.editing:
            self.editing = ""
            self._restore(*self._take_aside())
            self._changed("editing")

    def everything(self) -> str:
        """All that was written and is not a stored message."""
        return _joined(*(p.text for p in self.pending), self._aside, self._whole())

    def save_draft(self) -> None:
        """Keep what is written, pending messages included; nothing is submitted when it is kept already."""
        if self._between or (self._conversation_id is None and not self._heard_list):
            return  # what was written there last time has not been read yet; nothing may be put in its place
        waiting = [p for p in self.pending if p.conversation_id == self._conversation_id]
        kept, lent = self._whole(), self.lent
        if self.editing:  # the message being edited is on the disk already
            kept, lent = self._aside, self._aside_lent
        draft = _joined(*(p.text for p in waiting), kept)
        sources = _all(*(p.sources for p in waiting), lent) if draft else ()
        if (draft, sources) != self._saved:
            self._saved = draft, sources
            self._submit(commands.SaveDraft(conversation_id=self._conversation_id, text=draft, sources=sources))

    def leave(self) -> None:
        """The user goes to another conversation: keep this one's draft and empty the box."""
        if self.editing:
            changed = self._whole() if self._whole() != self._edited.strip() else ""
            lent = self.lent if changed else ()
            self.editing = ""
            aside, aside_lent = self._take_aside()
            self._restore(_joined(aside, changed), _all(aside_lent, lent))
        self.save_draft()
        if self._conversation_id is None:
            self._not_begun, self._not_begun_lent = self._whole(), self.lent
        self._conversation_id, self._between = None, True
        self._saved = self._not_begun, self._not_begun_lent
        self._restore("", ())
        self._changed("editing")

    def begin(self) -> None:
        """A new conversation: what was written for it before comes back."""
        if not self._between:
            self.leave()
        self._between = False
        self._restore(_joined(self._not_begun, self._whole()), _all(self._not_begun_lent, self.lent))

    @property
    def lent_words(self) -> str:
        """What the user should know of what stands in the box, "" where all of it is theirs."""
        if not self.lent:
            return ""
        told = f"Not all of this is yours: it has words of {named(self.lent)}. Read them before you send."
        return f"{told} {self.lent_note}".strip()

    # What happened

    def _listed(self, event: events.ConversationsListed) -> None:
        """At the start: what was being written for a conversation that never began comes back, once."""
        begun, self._heard_list = self._heard_list, True
        if not begun and event.draft and self._conversation_id is None:
            self._saved = event.draft, event.draft_sources
            self._restore(_joined(event.draft, self._whole()), _all(event.draft_sources, self.lent))
        if not begun:
            self.save_draft()  # what was written before the profile was open is kept from now on

    def _opened(self, event: events.ConversationOpened) -> None:
        if event.conversation.id == self._conversation_id:
            return  # reset, undo or edit: what is being written stays
        if not self._between:
            self.leave()
        self._between = False
        self._conversation_id = event.conversation.id
        draft, sources = event.conversation.draft, event.conversation.draft_sources
        self._saved = draft, sources
        self._restore(_joined(draft, self._whole()), _all(sources, self.lent))

    def _trashed(self, event: events.ConversationTrashed) -> None:
        if event.conversation.id == self._conversation_id:
            self.begin()

    def _started(self, event: events.TurnStarted) -> None:
        if not any(p.command_id == event.cause for p in self.pending):
            return
        self.pending = tuple(p for p in self.pending if p.command_id != event.cause)
        if self._conversation_id is None and self._chat.conversation_id == event.message.conversation_id:
            self._clear_draft_without_conversation()
            self._not_begun, self._not_begun_lent = "", ()
            self._conversation_id = event.message.conversation_id
        self._saved = "\0", ()  # whatever the core holds, the next save writes what is true now
        self.save_draft()
        self._changed("pending")

    def _clear_draft_without_conversation(self) -> None:
        if self._saved[0]:
            self._submit(commands.SaveDraft(conversation_id=None, text=""))

    def _model(self, event: events.ModelStateChanged) -> None:
        (self._resting.add if event.state == RESTING else self._resting.discard)(event.name)

    def _failed(self, event: events.Failed | events.ProfileUnavailable) -> None:
        lost = next((p for p in self.pending if p.command_id == event.cause), None)
        if lost is None:
            return
        self.pending = tuple(p for p in self.pending if p is not lost)
        if self.editing:
            self._aside, self._aside_lent = _joined(lost.text, self._aside), _all(lost.sources, self._aside_lent)
        else:
            self._restore(_joined(lost.text, self._whole()), _all(lost.sources, self.lent))
        self._changed("pending")

    # The box

    def _whole(self) -> str:
        return _joined(self.text.strip(), *(piece.text for piece in self.pastes))

    def _restore(self, text: str, lent: Sources | None = None) -> None:
        """`lent` None: as it is."""
        if len(text) < PASTE_CHARACTERS_MIN:
            self._set(text)
        else:
            self._set("", (Paste(text),))
        if lent is not None:
            self._lend(lent, anew=True)

    def _take_aside(self) -> tuple[str, Sources]:
        aside, lent = self._aside, self._aside_lent
        self._aside, self._aside_lent = "", ()
        return aside, lent

    def _lend(self, sources: Sources, note: str | None = None, *, anew: bool = False) -> None:
        """`note` None: as it is."""
        now = sources if anew else _all(self.lent, sources)
        told = (self.lent_note if note is None else note) if now else ""
        if (now, told) != (self.lent, self.lent_note):
            self.lent, self.lent_note = now, told
            self._changed("lent")

    def _let_go_of_lent(self, before: str = "") -> None:
        """In an empty box nothing of anybody is left. What went is remembered, for the box may bring it back.
        `before`: what stood there."""
        if self.lent and not self._whole():
            self._let_go = LetGo(self.lent, self.lent_note, self._began, before)
            self._lend((), anew=True)

    def _lend_again(self) -> None:
        if self._let_go.sources and not self.lent:
            self._lend(self._let_go.sources, self._let_go.note)

    def _set(self, text: str, pastes: tuple[Paste, ...] = ()) -> None:
        self.text, self.pastes = text, pastes
        self._began, self._let_go = (text, *(piece.text for piece in pastes)), LetGo()
        self._changed("text")
        self._changed("pastes")


def _all(*several: Sources) -> Sources:
    """Each once, in order."""
    return tuple(dict.fromkeys(source for sources in several for source in sources))


def _joined(*texts: str) -> str:
    return GAP.join(text for text in texts if text)
