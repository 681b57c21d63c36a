"""A call in the transcript: what it is, where it stands, and buttons for what the user may decide."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.presenters.cards import CardView
from app.presenters.files import FileFace, FilesPresenter
from app.presenters.markdown import coloured_diff
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look
from app.views.picture import CARD, Picture
from app.views.text_body import TextBody

OnAction = Callable[[CardView, str], None]
ACTION_HINTS = {
    "approve": "Let this leave, once, when it can",
    "edit": "Change what will be sent",
    "cancel": "Do not send this",
    "resolve_send": "You saw both sides: let it leave as it is",
    "accept": "Have this done, once",
    "decline": "Leave it undone",
    "sign_in": "Sign in to its server; you see the address first",
    "call_happened": "You looked: it was done",
    "call_again": "Have it done once more; look first whether it happened",
    "call_not_happened": "You looked: it was not done",
}
SETTINGS_HINTS = {"accept": "Write this change into .agentrc", "decline": "Leave .agentrc as it is"}
LINKS = ("open", "show")
OPEN_FILE = "open-file:"  # and which
TONED = ("wait", "bad")  # these ask for the eye


class CallCard(QFrame):
    def __init__(self, look: Look, files: FilesPresenter, view: CardView, on_action: OnAction) -> None:
        super().__init__()
        self.setObjectName(f"card-{view.call_id}")
        self._look, self._files, self._on_action = look, files, on_action
        self._view: CardView | None = None
        self.setProperty("panel", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._column = pieces.column(gap=GAP_2, margins=(GAP_3, GAP_3 - 2, GAP_3, GAP_3 - 2))
        self.setLayout(self._column)
        self.show_card(view)
        look.changed.connect(self._rebuild)

    def show_card(self, view: CardView) -> None:
        if view != self._view:
            self._view = view
            self._rebuild()

    def _rebuild(self) -> None:
        view = self._view
        if view is None:
            return
        focused = QApplication.focusWidget()
        held = focused is not None and self.isAncestorOf(focused)
        self.setAccessibleName(f"{view.title}: {view.words}")
        pieces.set_property(self, tone=view.tone if view.tone in TONED else "")
        pieces.empty(self._column)
        self._column.addLayout(self._head(view))
        if view.lines:
            self._column.addWidget(self._grid(view.lines))
        if view.warning:
            self._column.addWidget(pieces.notice(self._look, view.warning, f"cardWarning-{view.call_id}", "wait"))
        if view.diff:
            self._column.addWidget(self._diff(view))
        if view.detail:
            tone = "bad" if view.tone == "bad" else "muted"
            self._column.addWidget(pieces.label(view.detail, tone=tone, wrap=True, name=f"cardDetail-{view.call_id}"))
        for number, one in enumerate(view.files):
            self._column.addWidget(self._file(f"{view.call_id}-{number}", one))
        if view.sides:
            self._column.addWidget(self._grid(view.sides))
        if view.actions:
            self._column.addLayout(self._buttons(view))
        if held:
            QTimer.singleShot(0, self.take_focus)  # the button that was pressed is gone: the keyboard stays here

    def take_focus(self) -> None:
        """The keyboard goes to this card, on what cannot do harm."""
        links = [made for made in self.findChildren(QPushButton) if made.property("kind") == "link"]
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if links else Qt.FocusPolicy.TabFocus)
        (links[-1] if links else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self, view: CardView) -> QHBoxLayout:
        sign = pieces.IconLabel(self._look, view.icon, "accent_text")
        title = pieces.ElidedLabel(view.title, face="heading")
        return pieces.row(sign, title, pieces.chip(view.words, view.tone, f"cardState-{view.call_id}"), gap=GAP_2)

    def _grid(self, pairs: tuple[tuple[str, str], ...]) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_3)
        grid.setVerticalSpacing(GAP_1)
        grid.setColumnStretch(1, 1)
        for number, (name, value) in enumerate(pairs):
            grid.addWidget(pieces.label(name, tone="muted"), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(pieces.label(value, wrap=True), number, 1)
        return pieces.box(grid)

    def _diff(self, view: CardView) -> QWidget:
        body = TextBody(f"cardDiff-{view.call_id}", "What would change in .agentrc")
        body.say_html(coloured_diff(view.diff, self._look.inks()))
        return pieces.frame("notice", pieces.column(body, margins=(GAP_3, GAP_2, GAP_3, GAP_2)))

    def _file(self, place: str, one: FileFace) -> QWidget:
        """As it looks, where it is a picture; its words open it from the library."""
        assert self._view is not None, "a card is built for what it shows"
        if not one.id:
            return pieces.label(one.words, face="small", tone="muted", name=f"cardFile-{place}")
        opened = partial(self._on_action, self._view, f"{OPEN_FILE}{one.id}")
        words = pieces.button(one.words, opened, f"cardFile-{place}", kind="link", hint="Open it from the library")
        sign = pieces.IconLabel(self._look, "file" if one.format else "play", "muted", 16)
        line = pieces.row(sign, words, None, gap=GAP_1)
        if not one.format:
            return pieces.box(line)
        return pieces.box(pieces.column(Picture(self._files, one, CARD, f"cardPicture-{place}"), line, gap=2))

    def _buttons(self, view: CardView) -> QHBoxLayout:
        made = pieces.row(gap=GAP_2)
        hints = {**ACTION_HINTS, **(SETTINGS_HINTS if view.diff else {})}
        for action in view.actions:
            name = f"cardAction-{action.name}-{view.call_id}"
            kind = "link" if action.name in LINKS else action.kind if action.kind != "quiet" else ""
            pressed = pieces.button(
                action.label,
                partial(self._on_action, view, action.name),
                name,
                kind=kind,
                hint=hints.get(action.name, f"{action.label}: {view.title}"),
            )
            made.addWidget(pressed)
        made.addStretch(1)
        return made
