"""A conflict to look at: what you decided on and how it is now, beside each other; below, what differs in the work."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.presenters.markdown import coloured_diff
from app.presenters.sides import Sides
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look
from app.views.text_body import TextBody
from app.views.two_columns import TwoColumns


def sides_card(look: Look, both: Sides) -> QWidget:
    then = _side("When you decided", both.then, "sidesThen", "")
    now = _side("Now", both.now, "sidesNow", "wait")
    made = pieces.column(gap=GAP_2)
    if both.what:
        made.addWidget(pieces.label(both.what, face="heading", wrap=True, name="sidesWhat"))
    made.addWidget(TwoColumns(then, now, gap=GAP_3))
    if both.diff:
        body = TextBody("sidesDiff", "What differs between the two versions")
        body.say_html(coloured_diff(both.diff, look.inks()))
        differs = pieces.column(
            pieces.label("What differs", face="caps"), body, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_3, GAP_2)
        )
        made.addWidget(pieces.frame("notice", differs))
    return pieces.box(made, "sides")


def _side(title: str, words: str, name: str, tone: str) -> QWidget:
    told = pieces.label(words, wrap=True, name=name)
    told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    inner = pieces.column(pieces.label(title, face="caps"), told, None, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_3, GAP_2))
    made = pieces.frame("card", inner)
    made.setProperty("tone", tone)
    return made
