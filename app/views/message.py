"""One message of the transcript: a bubble for the user's, open text for Carryon's, a quiet line for notices."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from agent.protocol.records import Role
from app.presenters.cards import CardView
from app.presenters.chat import Row
from app.presenters.files import FilesPresenter
from app.presenters.markdown import render
from app.presenters.origins import named
from app.presenters.wording import count, hint, size, when
from app.theme.icons import logo
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.call_card import CallCard, OnAction
from app.views.choices import Choices
from app.views.growing_text import GrowingText
from app.views.look import Look
from app.views.stall_note import StallNote
from app.views.summary_card import SummaryCard
from app.views.text_body import TextBody

SHOWN_CHARACTERS_MAX = {Role.USER: 6_000, Role.AGENT: 24_000, Role.NOTICE: 2_000}  # the rest opens in its own window
BUBBLE_SHARE = 0.82
OnMessage = Callable[[str, str], None]  # action, key of the row

ACTIONS = {
    Role.USER: (("copy", "Copy"), ("edit", "Edit and answer anew…"), ("branch", "Branch off from here")),
    Role.AGENT: (
        ("copy", "Copy"),
        ("regenerate", "Answer again"),
        ("misread", "This was read wrongly"),
        ("branch", "Branch off from here"),
    ),
    Role.NOTICE: (("copy", "Copy"),),
}
QUICK = {Role.USER: "edit", Role.AGENT: "regenerate", Role.NOTICE: "copy"}
QUICK_ICONS = {"edit": "edit", "regenerate": "reset", "copy": "copy"}


class MessageView(QWidget):
    def __init__(
        self, look: Look, files: FilesPresenter, on_message: OnMessage, on_action: OnAction, now_ms: int
    ) -> None:
        super().__init__()
        self._look, self._files = look, files
        self._on_message, self._on_action, self._now_ms = on_message, on_action, now_ms
        self.row: Row | None = None
        self._cards: dict[str, CallCard] = {}
        self._cards_column = pieces.column(gap=GAP_2)
        self._choices: Choices | None = None
        self._thoughts: QPushButton | None = None
        self._summary: SummaryCard | None = None
        self._stall: StallNote | None = None
        self._inner: QVBoxLayout | None = None  # of an answer: what stands one under the other
        self._growing: GrowingText | None = None  # of an answer, while it is written
        look.changed.connect(self._say)

    def show_row(self, row: Row, cards: tuple[CardView, ...], choices: tuple[str, ...] = ()) -> None:
        if self.row is None:
            self._build(row)
        changed = self.row is None or self._differs(row)
        self.row = row
        self.setObjectName(f"message-{row.key}")
        self.setAccessibleName(f"{'You' if row.role is Role.USER else 'Carryon'}: {row.text[:200]}")
        if changed:
            self._say()
        self._show_cards(cards)
        self._offer(choices)
        self._offer_thoughts(row)
        self._say_stall(row)

    def _offer_thoughts(self, row: Row) -> None:
        """Folded: a link to what the model said to itself, made when there is something."""
        if self._thoughts is None:
            if not row.thinking or self._inner is None:
                return
            self._thoughts = pieces.button("Thoughts", lambda: self._act("thoughts"), "messageThoughts", kind="link",
                                           hint="What the model said to itself; kept until you leave")  # fmt: skip
            self._inner.insertWidget(1, self._thoughts, 0, Qt.AlignmentFlag.AlignLeft)
        self._thoughts.setVisible(bool(row.thinking))

    def _say_stall(self, row: Row) -> None:
        """Made for the few answers that wait for the network in vain."""
        if self._stall is None:
            if not row.stalled or self._inner is None:
                return
            self._stall = StallNote(self._act)
            self._inner.insertWidget(self._inner.indexOf(self._cards_column) + 1, self._stall)
        self._stall.show_row(row)

    def _offer(self, choices: tuple[str, ...]) -> None:
        """Made for the few messages that ask, not for each of hundreds."""
        if self._choices is None:
            if not choices or self._inner is None:
                return
            self._choices = Choices(lambda place: self._act(f"choose-{place}"))
            self._inner.insertWidget(self._inner.indexOf(self._cards_column) + 1, self._choices)
        self._choices.offer(choices)

    def _differs(self, row: Row) -> bool:
        old = self.row
        return old is None or _face(old) != _face(row)

    # Building

    def _build(self, row: Row) -> None:
        about = "Your message" if row.role is Role.USER else "Carryon's answer"
        self._body = TextBody("messageText", about)
        self._more = pieces.button("Show all", self._ask_whole, "messageShowAll", kind="link")
        self._foot = pieces.label("", face="small", tone="muted", name="messageFoot")
        self._quick = self._quick_button(row)
        self._menu = pieces.IconButton(
            self._look, "more", "More about this message", self._open_menu, "messageMenu", size=16
        )
        self._summary = SummaryCard(self._look, row.summary, self._act) if row.summary else None
        {Role.USER: self._as_user, Role.AGENT: self._as_agent, Role.NOTICE: self._as_notice}[row.role]()

    def _quick_button(self, row: Row) -> pieces.IconButton:
        name = QUICK[row.role]
        words = dict(ACTIONS[row.role])[name]
        return pieces.IconButton(
            self._look, QUICK_ICONS[name], words, lambda: self._act(name), f"message-{name}", size=16
        )

    def _as_user(self) -> None:
        inner = pieces.column(self._body, self._more, gap=GAP_1, margins=(GAP_3 + 2, GAP_2 + 1, GAP_3 + 2, GAP_2 + 1))
        bubble = pieces.frame("bubble", inner)
        foot = pieces.row(None, self._foot, self._quick, self._menu, gap=2)
        self.setLayout(pieces.column(pieces.row(None, bubble), foot, gap=0))

    def _as_agent(self) -> None:
        mark = pieces.label()
        mark.setPixmap(logo(26, 2))
        mark.setFixedSize(28, 28)
        mark.setAccessibleName("Carryon")
        foot = pieces.row(self._foot, None, self._quick, self._menu, gap=2)
        self._foot.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._inner = inner = pieces.column(4, self._body, self._more, self._cards_column, foot, gap=GAP_2)
        whole = pieces.row(gap=GAP_3)
        whole.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(inner, 1)
        self.setLayout(whole)

    def _as_notice(self) -> None:
        self._quick.hide()
        self._menu.hide()
        if self._summary:
            self._body.hide()
            self.setLayout(pieces.column(self._summary, gap=0))
            return
        inner = pieces.row(
            pieces.IconLabel(self._look, "info", "muted"), self._body, margins=(GAP_3, GAP_2, GAP_3, GAP_2)
        )
        self.setLayout(pieces.column(pieces.frame("notice", inner), self._more, gap=0))

    # Saying

    def _say(self) -> None:
        row = self.row
        if row is None:
            return
        if self._summary and row.summary:
            self._summary.say(row.text, row.summary)
            return
        most = SHOWN_CHARACTERS_MAX[row.role]
        if row.writing and row.text:
            self._grow(row.text, most)
        else:
            self._say_whole(row, row.text[:most])
        hidden = len(row.text) - most
        self._more.setVisible(hidden > 0)
        self._more.setText(f"Show all ({size(len(row.text.encode()))})" if hidden > 0 else "")
        self._say_foot(row)
        self._hug()

    def _grow(self, text: str, most: int) -> None:
        if self._growing is None:
            self._growing = GrowingText("messageText", "Carryon's answer")
            assert self._inner is not None, "only an answer is written"
            self._inner.insertWidget(self._inner.indexOf(self._body), self._growing)
            self._growing.show()
            self._body.hide()
        self._growing.say(text, self._look.inks(), most)

    def _say_whole(self, row: Row, text: str) -> None:
        if row.role is Role.AGENT and text:
            self._body.say_html(render(text, self._look.inks()))
        else:
            self._body.say(text or (_waiting(row) if row.writing and not row.calls else ""))
        self._body.setVisible(bool(text) or (row.writing and not row.calls))
        if self._growing and self._inner:
            self._growing.hide()
            self._inner.removeWidget(self._growing)
            self._growing.deleteLater()
            self._growing = None

    def _say_foot(self, row: Row) -> None:
        words = row.footnote if row.role is Role.AGENT else _said_when(row, self._now_ms)
        self._foot.setText("writing… Esc stops" if row.writing else words)
        self._foot.setToolTip(hint(row.provenance))
        self._foot.setAccessibleDescription(row.provenance)
        if row.role is not Role.NOTICE:
            self._quick.setVisible(not row.writing)
            self._menu.setVisible(not row.writing)

    def _show_cards(self, cards: tuple[CardView, ...]) -> None:
        for view in cards:
            if view.call_id in self._cards:
                self._cards[view.call_id].show_card(view)
            else:
                card = CallCard(self._look, self._files, view, self._on_action)
                self._cards[view.call_id] = card
                self._cards_column.addWidget(card)

    def _hug(self) -> None:
        if self.row and self.row.role is Role.USER:
            self._body.hug(max(round(self.width() * BUBBLE_SHARE) - 2 * GAP_3, 80))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._hug()

    # Doing

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu_of().exec(event.globalPos())

    def _open_menu(self) -> None:
        self._menu_of().popup(self._menu.mapToGlobal(QPoint(0, self._menu.height())))

    def _menu_of(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.row:
            for name, words in ACTIONS[self.row.role]:
                menu.addAction(words, partial(self._act, name))
        return menu

    def _act(self, action: str) -> None:
        if self.row:
            self._on_message(action, self.row.key)

    def _ask_whole(self) -> None:
        self._act("whole")


def _face(row: Row) -> tuple[object, ...]:
    """What shows; thoughts grow unseen."""
    return row.text, row.writing, row.footnote, bool(row.thinking), row.folding, row.summary


def _said_when(row: Row, now_ms: int) -> str:
    """And, where not every word is the user's, whose they are."""
    moment = when(row.at, now_ms)
    return f"{moment} · with words of {named(row.sources)}" if row.sources else moment


def _waiting(row: Row) -> str:
    """Before the first word."""
    if row.folding:
        return f"Summing up {count(row.folding, 'older message')} first, because the model can hold no more…"
    return "Thinking…" if row.thinking else "…"
