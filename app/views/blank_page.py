"""An empty conversation: a word of greeting and a few things to click, instead of nothing."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.theme.icons import logo
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces

EXAMPLES = (
    "remind me tomorrow at 9 to call the bank",
    "note: the gate code at the office is 4711",
    "what is 15% of 240",
)
WIDTH_MAX = 420


class BlankPage(QWidget):
    def __init__(self, suggest: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("blankPage")
        mark = pieces.label()
        mark.setPixmap(logo(52, 2))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = pieces.label("What shall we carry on with?", face="title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        about = pieces.label("Online or not: it is done now, or it waits safely.", tone="muted")
        about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = pieces.column(mark, title, about, GAP_2, gap=GAP_2)
        for number, text in enumerate(EXAMPLES):
            hint = "Put this in the box below, to send or to change"
            inner.addWidget(
                pieces.button(text, partial(suggest, text), f"suggestion-{number}", kind="example", hint=hint)
            )
        page = pieces.box(inner)
        page.setMaximumWidth(WIDTH_MAX)
        self.setLayout(pieces.column(None, pieces.row(None, page, None), None, margins=(GAP_3, GAP_3, GAP_3, GAP_3)))
