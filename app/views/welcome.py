"""The first run, in the chat: one step at a time, each with something to click. Skipping it is one click too."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.presenters.welcome import STEPS, WelcomePresenter
from app.theme.icons import logo
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4, GAP_6
from app.views import pieces
from app.views.look import Look


class WelcomeView(QFrame):
    def __init__(
        self, look: Look, presenter: WelcomePresenter, suggest: Callable[[str], None], open_settings: Callable[[], None]
    ) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self.setAccessibleName("Welcome to Carryon")
        self.setProperty("panel", "card")
        self._look, self._presenter, self._suggest, self._open_settings = look, presenter, suggest, open_settings
        self._sign = pieces.IconLabel(look, "offline", "accent_text", 26)
        self._title = pieces.label("", face="title", wrap=True, name="welcomeTitle")
        self._text = pieces.label("", tone="muted", wrap=True, name="welcomeText")
        self._examples = pieces.column(gap=GAP_2)
        self._extra = pieces.row(gap=GAP_2)
        self._dots = pieces.label("", tone="muted", face="small", name="welcomeStep")
        self._back = pieces.button("Back", lambda: presenter.go(presenter.index - 1), "welcomeBack")
        self._next = pieces.button("Next", self._go_on, "welcomeNext", kind="primary")
        self.setLayout(self._lay_out())
        presenter.listen(lambda part, _: self._show() if part == "step" else None)
        self._show()

    def _lay_out(self) -> QVBoxLayout:
        mark = pieces.label()
        mark.setPixmap(logo(40, 2))
        hello = pieces.column(
            pieces.label("Welcome aboard", face="display"),
            pieces.label("Three short steps, or just start writing below.", tone="muted"),
            gap=2,
        )
        skip = pieces.button(
            "Skip", self._presenter.finish, "welcomeSkip", kind="quiet", hint="Close this introduction"
        )
        head = pieces.row(mark, hello, None, gap=GAP_3)
        head.addWidget(skip, 0, Qt.AlignmentFlag.AlignTop)
        words = pieces.column(self._title, self._text, gap=GAP_1)
        step = pieces.row(gap=GAP_3)
        step.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        step.addLayout(words, 1)
        foot = pieces.row(self._dots, None, self._back, self._next, gap=GAP_2)
        return pieces.column(
            head, pieces.line(), step, self._examples, self._extra, None, foot, gap=GAP_4,
            margins=(GAP_6, GAP_6 - 4, GAP_6, GAP_4),
        )  # fmt: skip

    def _go_on(self) -> None:
        if self._presenter.is_last:
            self._presenter.finish()
        else:
            self._presenter.go(self._presenter.index + 1)

    def _show(self) -> None:
        """No step is lower than one before it, so that Next stays under the pointer."""
        self.setMinimumHeight(max(self.minimumHeight(), self.height() if self.isVisible() else 0))
        self._keep_focus()
        step = self._presenter.step
        self._sign.show_icon(step.icon)
        self._title.setText(step.title)
        self._text.setText(step.text)
        self._dots.setText(f"Step {self._presenter.index + 1} of {len(STEPS)}")
        self._back.setVisible(self._presenter.index > 0)
        self._next.setText("Start" if self._presenter.is_last else "Next")
        self._next.setAccessibleName(self._next.text())
        pieces.empty(self._examples)
        for number, example in enumerate(step.examples):
            self._examples.addWidget(self._example(number, example))
        pieces.empty(self._extra)
        self._fill_extra(self._extra)

    def _keep_focus(self) -> None:
        """What was just pressed may be about to go; the keyboard stays in the card."""
        focused = self.focusWidget()
        stays = (self._next, self._back) if self._presenter.index else (self._next,)
        if focused is not None and focused.hasFocus() and focused not in stays:
            self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _example(self, number: int, text: str) -> QWidget:
        hint = "Put this in the box below, to send or to change"
        made = pieces.button("", partial(self._suggest, text), f"example-{number}", kind="example", hint=hint)
        made.setAccessibleName(f"Example: {text}")
        words = pieces.label(f"“{text}”", wrap=True)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        arrow = pieces.IconLabel(self._look, "right", "muted", 16)
        arrow.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = pieces.row(words, arrow, margins=(GAP_3, GAP_2 + 1, GAP_3, GAP_2 + 1))
        inner.setStretch(0, 1)
        made.setLayout(inner)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        return made

    def _fill_extra(self, extra: QHBoxLayout) -> None:
        if self._presenter.index == 0:
            self._offer_practice(extra)
        elif self._presenter.is_last:
            where = pieces.label(self._presenter.path, face="code", name="welcomePath")
            where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            extra.addWidget(where)
            extra.addStretch(1)
            extra.addWidget(pieces.button("Open Settings", self._open_settings, "welcomeSettings"))

    def _offer_practice(self, extra: QHBoxLayout) -> None:
        if self._presenter.practice:
            done = "The practice mailbox is ready. What arrives in it is shown in Outbox."
            extra.addWidget(pieces.IconLabel(self._look, "check", "good"))
            extra.addWidget(pieces.label(done, tone="good", wrap=True, name="welcomePracticeReady"), 1)
            return
        words = "No account yet? Send to a mailbox that lives on this machine only."
        extra.addWidget(pieces.label(words, tone="muted", wrap=True), 1)
        extra.addWidget(pieces.button("Set up a practice mailbox", self._presenter.set_up_practice, "welcomePractice"))
