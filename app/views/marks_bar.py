"""Above the Outbox's list while several items are marked: how many, what may be done with all of them; then in one line
what came of it, and the way back."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from app.presenters.outbox import OutboxPresenter
from app.presenters.outbox_marks import Outcome
from app.presenters.wording import count
from app.theme.tokens import GAP_2, GAP_3
from app.views import pieces
from app.views.flow import flowing
from app.views.look import Look


class MarksBar(QFrame):
    """`done`: the keyboard goes back to the list."""

    def __init__(self, look: Look, presenter: OutboxPresenter, done: pieces.OnClick) -> None:
        super().__init__()
        self.setObjectName("marksBar")
        self.setAccessibleName("Marked items")
        self.setProperty("panel", "notice")
        self._look, self._presenter, self._done = look, presenter, done
        self._column: QVBoxLayout = pieces.column(gap=GAP_2, margins=(GAP_3, GAP_2, GAP_3, GAP_2))
        self.setLayout(self._column)
        self._shown: object = None
        self.show_marks()

    def show_marks(self) -> None:
        presenter = self._presenter
        shown = (presenter.marking, presenter.marked, presenter.bulk_actions, presenter.outcome, presenter.deciding)
        if shown == self._shown:
            return
        focus = self.window().focusWidget()
        held = focus is not None and self.isAncestorOf(focus)
        name = focus.objectName() if focus else ""
        self._shown = shown
        pieces.empty(self._column)
        if presenter.deciding:
            self._go_on(*presenter.deciding)
        elif presenter.outcome:
            self._say(presenter.outcome)
        if presenter.marking and not presenter.deciding:
            self._offer()
        self.setVisible(presenter.marking or presenter.outcome is not None or presenter.deciding is not None)
        if held:
            self._keep_focus(name)

    def _keep_focus(self, name: str) -> None:
        same = [
            made for made in self.findChildren(pieces.PushButton) if made.objectName() == name and not made.isHidden()
        ]
        same[-1].setFocus() if same else self._done()

    def _go_on(self, done: int, total: int) -> None:
        bar = QProgressBar()
        bar.setObjectName("marksGoing")
        bar.setAccessibleName("Deciding")
        bar.setTextVisible(False)
        bar.setRange(0, total)
        bar.setValue(done)
        words = pieces.label(f"{done:,} of {total:,} decided", name="marksMany")
        stop = pieces.button("Stop", self._presenter.stop_deciding, "marksStop", hint="What is decided stays so")
        self._column.addLayout(pieces.row(words, None, stop, gap=GAP_2))
        self._column.addWidget(bar)

    def _say(self, outcome: Outcome) -> None:
        tone = "wait" if outcome.tone == "wait" else ""
        self._column.addWidget(pieces.label(outcome.words, tone=tone, wrap=True, name="marksOutcome"))
        buttons = list[QWidget]()
        if outcome.to_look_at:
            look = "Look at it" if len(outcome.to_look_at) == 1 else "Look at each"
            buttons.append(pieces.button(look, self._presenter.look_at_each, "marksLook", kind="primary"))
        if outcome.back:
            buttons.append(pieces.button(outcome.back, self._presenter.take_back, "marksBack"))
        buttons.append(pieces.button("OK", self._presenter.forget_outcome, "marksOk", kind="quiet"))
        self._column.addWidget(flowing(buttons))

    def _offer(self) -> None:
        presenter = self._presenter
        words = "Everything that is listed" if presenter.marked < 0 else f"{count(presenter.marked, 'item')} marked"
        if not presenter.marked:
            words = "Space marks the item at hand, Ctrl+A all"
        every = pieces.button(
            "All", presenter.mark_held, "marksAll", kind="link", hint="Mark everything listed (Ctrl+A)"
        )
        none = pieces.button("None", presenter.mark_none, "marksNone", kind="link", hint="Mark nothing (Esc)")
        head = pieces.label(words, face="heading", name="marksMany", wrap=True)
        layout = pieces.row(gap=GAP_3)
        layout.addWidget(head, 1)
        layout.addWidget(every)
        layout.addWidget(none)
        self._column.addLayout(layout)
        self._column.addWidget(flowing(self._decisions()))

    def _decisions(self) -> Iterator[QWidget]:
        for action in self._presenter.bulk_actions:
            kind = action.kind if action.kind != "quiet" else ""
            yield pieces.button(action.label, partial(self._presenter.decide, action.name), f"marks-{action.name}",
                                kind=kind, hint=f"{action.label}: all that are marked")  # fmt: skip
