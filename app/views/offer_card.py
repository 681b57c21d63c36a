"""A proposed model: does it fit, what it costs, how well it does, and its download while there is one."""

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy

from app.presenters.offers import OfferRow
from app.presenters.states import Action
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.job_strip import JobStrip
from app.views.keyed_cards import Card
from app.views.look import Look

Act = Callable[[str, str], None]
HINTS = {
    "fetch": "Fetch {title} into Carryon's own folder; it can be paused at any time",
    "fetch_new": "Fetch {title} as its publisher offers it now, in place of the one that you had",
    "pause": "Pause {title}; what has arrived is kept",
    "use": "Answer with {title}",
    "drop": "Throw away what has arrived of {title}",
}


class OfferCard(Card[OfferRow]):
    """Its main button stays the same one while what it does changes, so that the focus stays on it."""

    def __init__(self, look: Look, row: OfferRow, act: Act) -> None:
        super().__init__()
        self.setObjectName(f"offer-{row.name}")
        self.setProperty("panel", "card")
        self._row, self._act = row, act
        self._title = pieces.ElidedLabel(row.title, face="heading")
        self._chip = pieces.chip("", name=f"offerFit-{row.name}")
        self._fit = pieces.label("", wrap=True, name=f"offerWords-{row.name}")
        self._about = pieces.label("", face="small", tone="muted", wrap=True)
        self._strip = JobStrip(f"Download of {row.title}", f"offerJob-{row.name}")
        self._main = _button(f"offerMain-{row.name}", lambda: self._do(self._row.main))
        self._away = _button(f"offerAway-{row.name}", lambda: self._do(self._row.away))
        head = pieces.row(
            pieces.IconLabel(look, "models", "accent_text", 18), self._title, self._chip, self._away, self._main,
            gap=GAP_2,
        )  # fmt: skip
        head.setStretchFactor(self._title, 1)
        words = pieces.column(self._fit, self._about, gap=GAP_1)
        self.setLayout(pieces.column(head, words, self._strip, gap=GAP_2, margins=(GAP_4, GAP_3, GAP_4, GAP_3)))

    def show_row(self, row: OfferRow) -> None:
        self._row = row
        self._title.say(row.title)
        self._chip.setText(row.chip)
        pieces.set_property(self._chip, tone=row.tone)
        _say(self._fit, row.fit)
        self._fit.setToolTip(row.how)
        _say(self._about, "\n".join(row.about))
        self._strip.show_face(row.job)
        _show(self._away, row.away, row.title)
        _show(self._main, row.main, row.title)

    def _do(self, action: Action | None) -> None:
        if action:
            self._act(self._row.key, action.name)


def _button(name: str, on_click: Callable[[], None]) -> QPushButton:
    made = pieces.button("", on_click, name)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def _show(button: QPushButton, action: Action | None, title: str) -> None:
    button.setVisible(action is not None)
    if action is None:
        return
    button.setText(action.label)
    hint = HINTS[action.name].format(title=title)
    button.setToolTip(hint)
    button.setAccessibleName(f"{action.label}: {title}")
    button.setAccessibleDescription(hint)
    pieces.set_property(button, kind=action.kind)


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def hidden_note(count: int, *, shown: bool) -> str:
    """On the button under the list."""
    which = "the one model that is" if count == 1 else f"the {count} models that are"
    return f"Hide {which} too large" if shown else f"Show {which} too large for this machine"
