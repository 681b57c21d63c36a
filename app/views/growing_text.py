"""An answer while it is written: what stands is laid out once, and only what is behind it again and again."""

from PySide6.QtWidgets import QSizePolicy, QWidget

from app.presenters.markdown import Inks, render
from app.presenters.settled import settled
from app.views import pieces
from app.views.text_body import BELOW, PARAGRAPH_GAP, TextBody

PLAIN_MIN = 6_000  # characters; so many at once are not formatted: it would hold up the window
PART_MIN = 400  # a part is a widget of its own


class GrowingText(QWidget):
    """Selecting reaches from part to part only once the answer is there, and shown as one text."""

    def __init__(self, name: str, about: str) -> None:
        super().__init__()
        self._name, self._about = name, about
        self._column = pieces.column(gap=PARAGRAPH_GAP - BELOW)
        self.setLayout(self._column)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._said = ""
        self._parts: list[tuple[TextBody, int]] = []
        self._standing = 0
        self._open = self._body()

    def say(self, text: str, inks: Inks, most: int) -> None:
        """`text` goes on from what was said last; of what stands, about the last `most` characters are kept."""
        if not text.startswith(self._said):
            self._begin_anew()
        self._said = text
        late = text[self._standing :]
        stands = settled(late) if len(late) >= PART_MIN else 0
        if stands >= PART_MIN:
            self._stand(late[:stands], inks, most)
            late = late[stands:]
        _show(self._open, late[-most:], inks)

    def _stand(self, text: str, inks: Inks, most: int) -> None:
        _show(self._open, text[-most:], inks)
        self._parts.append((self._open, len(text)))
        self._standing += len(text)
        self._open = self._body()
        while len(self._parts) > 1 and sum(length for _, length in self._parts) > most:
            self._drop(self._parts.pop(0)[0])

    def _begin_anew(self) -> None:
        for part, _ in self._parts:
            self._drop(part)
        self._parts, self._standing = [], 0

    def _drop(self, part: TextBody) -> None:
        part.hide()
        self._column.removeWidget(part)
        part.deleteLater()

    def _body(self) -> TextBody:
        body = TextBody(self._name, self._about)
        self._column.addWidget(body)
        body.show()  # at once, so that the layout counts it before the next paint
        return body


def _show(body: TextBody, text: str, inks: Inks) -> None:
    if len(text) > PLAIN_MIN:
        body.say(text)
    else:
        body.say_html(render(text, inks))
