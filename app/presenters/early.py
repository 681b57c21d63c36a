"""What the box is told before there is a presenter: it takes text and messages from the first paint on.

A message that is sent is on the disk before it leaves the box (`keep`); `ComposerPresenter.take_over` gets everything
once it is there. Light on purpose: no record of the protocol is imported for it.
"""

import os
from collections.abc import Callable

Keep = Callable[[str, str], object]  # its id, its text
Listener = Callable[[str, str], None]


class EarlyText:
    """A message that was sent before anything could answer."""

    __slots__ = ("id", "text")

    def __init__(self, id: str, text: str) -> None:  # noqa: A002  as in a command
        self.id, self.text = id, text


class EarlyComposer:
    """As much of `ComposerPresenter` as the first box needs."""

    def __init__(self, keep: Keep = lambda _id, _text: None) -> None:
        self._keep = keep
        self._listeners: list[Listener] = []
        self.text = ""
        self.pending: tuple[EarlyText, ...] = ()

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def typed(self, text: str) -> None:
        self.text = text

    def send(self) -> bool:
        text = self.text.strip()
        if not text:
            return False
        sent = EarlyText(os.urandom(16).hex(), text)
        self._keep(sent.id, text)
        self.pending = (*self.pending, sent)
        self._set("")
        self._changed("pending")
        return True

    def _set(self, text: str) -> None:
        self.text = text
        self._changed("text")

    def _changed(self, part: str) -> None:
        for listener in tuple(self._listeners):
            listener(part, "")
