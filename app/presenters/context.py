"""How full the chat model's memory of a conversation is, in plain words, and what the next message would push out of
it: said while it is being written, before it happens.
"""

import time
from dataclasses import dataclass

from agent.protocol import events
from app.presenters.chat import ChatPresenter
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.wording import count

FULL = 0.85  # from here on it is worth a glance


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
        chat.listen(lambda part, _key: self._changed("line") if part == "opened" else None)

    def handlers(self) -> Handlers:
        return {events.ContextMeasured: self._heard}

    def line(self, characters: int) -> ContextLine:
        """While a message of so many characters stands in the box."""
        told = self._measured
        if told is None or told.conversation_id != self._chat.conversation_id:
            return ContextLine()
        share = min(told.used / max(told.limit, 1), 1.0)
        comes = told.used + round(characters * told.tokens_per_character)
        warning = _warning(told, comes) if characters else ""
        tone = "wait" if warning or share >= FULL * told.holds / max(told.limit, 1) else "muted"
        return ContextLine(f"Memory of this conversation: {share * 100:.0f} %", _hint(told), tone, warning)

    def _heard(self, event: events.ContextMeasured) -> None:
        self._measured = event
        self._changed("line")


def _hint(told: events.ContextMeasured) -> str:
    about = "about " if told.estimated else ""
    hint = (
        f"The model holds {told.limit:,} tokens (pieces of words); this conversation takes {about}{told.used:,} of "
        "them, with what the model is told about you and its tools. When it is full, the oldest messages are summed up."
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
