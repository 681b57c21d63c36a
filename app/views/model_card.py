"""A model on this machine: how it stands, its facts, and what can be done with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.presenters.models import ModelCard, ModelsPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4, GAP_6
from app.views import pieces
from app.views.job_strip import JobStrip
from app.views.keyed_cards import Card
from app.views.look import Look

ACROSS = 4  # facts beside each other
WIDE = ("Where it computes",)  # sentences


class ModelCardView(Card[ModelCard]):
    """`framed` False: it stands in a frame that somebody else made."""

    def __init__(self, look: Look, presenter: ModelsPresenter, card: ModelCard, *, framed: bool = True) -> None:
        super().__init__()
        name = card.name
        if framed:
            self.setObjectName(f"model-{name}")
            self.setProperty("panel", "card")
        self._framed = framed
        self._title = pieces.ElidedLabel(card.title, face="title")
        self._chip = pieces.chip("", name=f"modelState-{name}")
        self._note = pieces.label("", wrap=True)
        self._facts = pieces.column(gap=0)
        self._facts_shown: tuple[tuple[str, str], ...] = ()
        self._strip = JobStrip(f"Work on {card.title}", f"modelJob-{name}")
        title = card.title
        self._buttons: dict[str, QPushButton] = {
            "can_use": pieces.button("Use this one", lambda: presenter.use(name), f"modelUse-{name}",
                                     hint=f"Answer with {title}"),
            "can_fetch": pieces.button("Fetch it again", lambda: presenter.fetch_again(name), f"modelFetch-{name}",
                                       kind="primary", hint=f"Fetch {title} again from where it came"),
            "can_update": pieces.button("Use the new version", lambda: presenter.update(name), f"modelUpdate-{name}",
                                        kind="primary", hint=f"Fetch {title} as its publisher offers it now"),
            "can_keep": pieces.button("Keep mine", lambda: presenter.keep(name), f"modelKeep-{name}",
                                      hint=f"Leave {title} as it is"),
            "can_check": pieces.button("Check its file", lambda: presenter.check(name), f"modelCheck-{name}",
                                       kind="quiet", hint=f"Read all of {title} again and compare it, also with what "
                                       "its publisher offers now"),
            "can_stop": pieces.button("Stop", lambda: presenter.stop(name), f"modelStop-{name}",
                                      hint=f"Stop what goes on with {title}"),
            "can_remove": pieces.button("Forget it", lambda: presenter.remove(name), f"modelRemove-{name}",
                                        kind="quiet", hint="Take it off this list; the file stays where it is"),
        }  # fmt: skip
        head = pieces.row(pieces.IconLabel(look, "models", "accent_text", 20), self._title, self._chip, gap=GAP_2)
        self._row_of_buttons = pieces.box(pieces.row(*self._buttons.values(), None, gap=GAP_2))
        margins = (GAP_4, GAP_3, GAP_4, GAP_3) if framed else (0, 0, 0, 0)
        self.setLayout(pieces.column(
            head, self._note, self._facts, self._strip, self._row_of_buttons, gap=GAP_3, margins=margins
        ))  # fmt: skip
        self.show_row(card)

    def show_row(self, row: ModelCard) -> None:
        if self._framed:
            pieces.set_property(self, tone="accent" if row.current else "")
        self._title.say(row.title)
        self._chip.setText(row.words)
        pieces.set_property(self._chip, tone=row.tone)
        self._note.setText(row.note)
        self._note.setVisible(bool(row.note))
        pieces.set_property(self._note, tone="bad" if row.tone == "bad" else "muted")
        if row.facts != self._facts_shown:
            self._facts_shown = row.facts
            pieces.empty(self._facts)
            self._facts.addWidget(_facts(row.facts))
        self._strip.show_face(row.job)
        for name, button in self._buttons.items():
            button.setVisible(getattr(row, name))
        self._row_of_buttons.setVisible(any(getattr(row, name) for name in self._buttons))


def _facts(facts: tuple[tuple[str, str], ...]) -> QWidget:
    """Short facts as columns, sentences and the path on lines of their own."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(GAP_6)
    grid.setVerticalSpacing(GAP_2)
    short = [fact for fact in facts if fact[0] not in (*WIDE, "File")]
    for number, (name, value) in enumerate(short):
        rest = ACROSS - number % ACROSS if number == len(short) - 1 else 1  # the last has the room that is left
        grid.addLayout(_pair(name, value), number // ACROSS, number % ACROSS, 1, rest)
    line = (len(short) + ACROSS - 1) // ACROSS
    for name, value in facts:
        if name in WIDE:
            grid.addLayout(_pair(name, value), line, 0, 1, ACROSS)
            line += 1
        elif name == "File" and value:
            grid.addWidget(pieces.ElidedLabel(value, face="code", tone="muted"), line + 1, 0, 1, ACROSS)
    for across in range(ACROSS):
        grid.setColumnStretch(across, 1)
    return pieces.box(grid)


def _pair(name: str, value: str) -> QVBoxLayout:
    return pieces.column(pieces.label(name, face="small", tone="muted"), _selectable(value), None, gap=0)


def _selectable(text: str) -> QLabel:
    made = pieces.label(text, wrap=True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
