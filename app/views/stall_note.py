"""Under an answer that waits for the network: what does not come, why, and the ways out of waiting."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.presenters.chat import Row
from app.theme.tokens import GAP_1, GAP_2
from app.views import pieces

INSTEAD = {
    "later": ("Fetch when online instead", "It waits in the outbox, and the answer goes on once it has come"),
    "copy": ("Use the kept copy instead", "What was fetched last time, with its age"),
}


class StallNote(QWidget):
    """`on_action`: "stop" or "put-off"."""

    def __init__(self, on_action: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("stallNote")
        self._words = pieces.label("", face="small", tone="wait", wrap=True, name="stallWords")
        self._instead = pieces.button("", lambda: on_action("put-off"), "stallInstead")
        cancel = pieces.button("Cancel", lambda: on_action("stop"), "stallCancel", hint="Stop waiting for it (Esc)")
        buttons = pieces.row(self._instead, cancel, None, gap=GAP_2)
        self.setLayout(pieces.column(self._words, buttons, gap=GAP_1))
        self.hide()

    def show_row(self, row: Row) -> None:
        text, hint = INSTEAD.get(row.instead, ("", ""))
        self._words.setText(f"Not working yet. {row.stalled}")
        self._instead.setText(text)
        self._instead.setToolTip(hint)
        self._instead.setAccessibleName(text)
        self._instead.setAccessibleDescription(hint)
        self._instead.setVisible(bool(text))
        self.setVisible(bool(row.stalled))
