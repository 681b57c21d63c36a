"""How full the chat model's memory of a conversation is, in plain words, and what the next message would push out of
it: said while it is being written, before it happens. Of a new conversation, what the model can hold.
"""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from app.presenters.chat import ChatPresenter
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.standing import STARTER
from app.presenters.wording import count


@dataclass(frozen=True, slots=True)
class ContextLine:
    """`words` "": no chat model has a memory of this conversation; `warning`: what the message that is being written
    would do to it."""

    words: str = ""
    hint: str = ""
    tone: str = "muted"
    warning: str = ""


class ContextPresenter(Presenter):
    """Part that changes: "line"."""

    def __init__(self, submit: Submit, chat: ChatPresenter, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._chat = chat
        self._measured: events.ContextMeasured | None = None
        self._fresh: events.ContextMeasured | None = None  # of a conversation that is not begun yet
        self._blank = True  # the page is
        self._begun = ""  # on that page, without a measure of its own so far
        self._ready, self._asked_of = "", ""  # chat models, by name
        chat.listen(lambda part, _key: self._opened() if part == "opened" else None)

    def handlers(self) -> Handlers:
        return {
            events.ContextMeasured: self._heard,
            events.TurnStarted: self._started,
            events.ModelStateChanged: self._model_changed,
        }

    def line(self, characters: int) -> ContextLine:
        """While a message of so many characters stands in the box."""
        told = self._told()
        if told is None:
            return ContextLine()
        share = min(told.used / max(told.limit, 1), 1.0)
        comes = told.used + round(characters * told.tokens_per_character)
        warning = _warning(told, comes) if characters else ""
        tone = "wait" if warning or told.nearly_full else "muted"
        new = self._chat.conversation_id is None
        words = f"Memory of {'a new' if new else 'this'} conversation: {share * 100:.0f} %"
        return ContextLine(f"{words} of {told.limit:,} tokens" if new else words, _hint(told), tone, warning)

    def _told(self) -> events.ContextMeasured | None:
        here = self._chat.conversation_id
        if self._measured and self._measured.conversation_id == here:
            return self._measured
        return self._fresh if here in (None, self._begun) else None

    def _heard(self, event: events.ContextMeasured) -> None:
        if event.conversation_id:
            self._measured = event
        else:
            self._fresh = event
        self._changed("line")

    def _opened(self) -> None:
        self._blank = self._chat.conversation_id is None
        if self._blank and self._ready:
            self._measure()
        self._changed("line")

    def _started(self, event: events.TurnStarted) -> None:
        """The chat has heard of it before: what was a blank page is this conversation now."""
        if self._blank and event.message.conversation_id == self._chat.conversation_id:
            self._blank, self._begun = False, event.message.conversation_id

    def _model_changed(self, event: events.ModelStateChanged) -> None:
        """Once a model is loaded it is known what it holds."""
        if event.name == STARTER or event.state != "ready":
            return
        self._ready = event.name
        if event.name != self._asked_of or self._told() is None:
            self._measure()

    def _measure(self) -> None:
        self._asked_of = self._ready
        self._submit(commands.MeasureContext(conversation_id=self._chat.conversation_id or ""))


def _hint(told: events.ContextMeasured) -> str:
    about = "about " if told.estimated else ""
    takes = (
        f"this conversation takes {about}{told.used:,} of them, with what the model is told about you and its tools."
        if told.conversation_id
        else f"{about}{told.used:,} of them are taken by what it is told about you and its tools."
    )
    why = f"; {told.limit_why}" if told.limit_why else ""
    hint = (
        f"The model holds {told.limit:,} tokens (pieces of words{why}); {takes} When it is full, the oldest messages "
        "are summed up."
    )
    if told.tools_left_out:
        hint += (
            f" There is no room for {count(told.tools_left_out, 'tool')}: a model with a longer memory could use them."
        )
    return hint


def _warning(told: events.ContextMeasured, comes: int) -> str:
    if comes <= told.holds:
        return ""
    if not told.goes:
        return "This message is longer than the model can hold. Send a shorter part, or choose another model."
    span = f"from “{told.goes_from}” to the answer to “{told.goes_to}”"
    return (
        f"This message pushes the {count(told.goes, 'oldest message')} out of the model's memory ({span}). "
        "The model gets a summary of them instead, which you can read and change."
    )
