"""Where the user writes. Enter sends, Shift+Enter makes a line, Esc stops, Up takes the last message back in."""

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from app.presenters.chat import ChatPresenter
from app.presenters.composer import ComposerPresenter, Paste
from app.presenters.context import ContextPresenter
from app.presenters.prompts import PromptsPresenter
from app.presenters.wording import count, one_line
from app.theme.tokens import GAP_1, GAP_2, GAP_3
from app.views import pieces
from app.views.look import Look
from app.views.prompt_sheet import prompt_sheets

LINES_MAX = 9
DRAFT_MS = 400  # after the last key the draft goes to the disk


class WritingBox(QPlainTextEdit):
    """Grows with its text; tells of the keys that mean something here."""

    sent = Signal()
    escaped = Signal()
    upped = Signal()
    pasted = Signal(str)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("composerText")
        self.setAccessibleName("Message")
        self.setAccessibleDescription("Enter sends, Shift and Enter make a new line, Escape stops an answer")
        self.setPlaceholderText("Ask, note, plan, or say what should go out…")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.fit())
        self.fit()

    def fit(self) -> None:
        """As tall as its lines, up to a bound."""
        lines = min(max(int(self.document().size().height()), 1), LINES_MAX)
        margin = round(self.document().documentMargin() * 2) + 6
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margin)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in pieces.ENTER and not shift:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.upped.emit()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Only text comes in, and the presenter sees it first: long text never enters the box."""
        if source.hasText():
            self.pasted.emit(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.fit()


class Composer(QWidget):
    whole_asked = Signal(str)  # show this long text

    def __init__(
        self, look: Look, presenter: ComposerPresenter, chat: ChatPresenter, context: ContextPresenter,
        prompts: PromptsPresenter,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("composer")
        self._look, self._presenter, self._chat, self._context = look, presenter, chat, context
        self._prompts, self._sheets = prompts, prompt_sheets(prompts, self)
        self.box = WritingBox()
        self._banner = self._make_banner()
        self._waiting = pieces.label("", face="small", tone="muted", wrap=True, name="composerPending")
        self._lent = pieces.label("", face="small", tone="wait", wrap=True, name="composerLent")
        self._chips = pieces.row(gap=GAP_2)
        self._add = pieces.IconButton(
            look, "plus", "Use a text that a server has ready ( / )", prompts.open, "composerAdd", size=18
        )
        self._hint = pieces.ElidedLabel("Enter sends · Shift+Enter for a new line", face="small", tone="muted")
        self._memory = pieces.label("", face="small", tone="muted", name="composerMemory")
        self._pushes = pieces.label("", face="small", tone="wait", wrap=True, name="composerPushes")
        self._send = pieces.IconButton(
            look, "send", "Send", self._send_or_stop, "composerSend", kind="primary", role="on_accent", size=20
        )
        self._saver = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._setting = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lay_out()
        self._connect()
        self._show_all()

    def take_focus(self) -> None:
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_banner(self) -> QFrame:
        words = pieces.label("You are changing an earlier message; sending answers it anew.", tone="accent", wrap=True)
        leave = pieces.button("Leave it", self._presenter.stop_editing, "composerStopEditing", kind="link",
                              hint="Keep the message as it was (Esc)")  # fmt: skip
        layout = pieces.row(pieces.IconLabel(self._look, "edit", "accent_text"), words, leave, gap=GAP_2)
        layout.setStretch(1, 1)
        return pieces.frame("plain", layout, "composerEditing")

    def _lay_out(self) -> None:
        self._send.setFixedSize(36, 36)
        self._chips.addStretch(1)
        foot = pieces.row(self._add, self._hint, self._memory, self._send, gap=GAP_2)
        inner = pieces.column(
            self._banner, self._lent, self._chips, self.box, foot, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_2, GAP_2)
        )
        self._frame = pieces.frame("composer", inner)
        self.setLayout(pieces.column(self._waiting, self._pushes, self._frame, gap=GAP_1))

    def _connect(self) -> None:
        self.box.textChanged.connect(self._typed)
        self.box.sent.connect(self._send_now)
        self.box.escaped.connect(self._escaped)
        self.box.upped.connect(self._presenter.edit_last)
        self.box.pasted.connect(self._pasted)
        self.box.focused.connect(lambda on: pieces.set_property(self._frame, focused="true" if on else "false"))
        self._saver.timeout.connect(self._presenter.save_draft)
        self._presenter.listen(lambda part, _: self._changed(part))
        self._chat.listen(lambda part, _: self._show_send() if part == "turn" else None)
        self._context.listen(lambda _part, _key: self._show_memory())

    # The user

    def _typed(self) -> None:
        if not self._setting:
            undone = self.box.document().isRedoAvailable()  # so after an undo, never after a key
            self._presenter.typed(self.box.toPlainText(), undone=undone)
            self._prompts.typed(self.box.toPlainText())
            self._saver.start()
            self._show_send()
            self._show_memory()

    def _pasted(self, text: str) -> None:
        if not self._presenter.paste(text):
            self.box.textCursor().insertText(text)

    def _send_or_stop(self) -> None:
        if self._chat.running_turn and not self._presenter.text and not self._presenter.pastes:
            self._chat.cancel()
        else:
            self._send_now()

    def _send_now(self) -> None:
        self._saver.stop()
        self._presenter.send()

    def _escaped(self) -> None:
        if self._presenter.editing:
            self._presenter.stop_editing()
        else:
            self._chat.cancel()

    # The presenter

    def _changed(self, part: str) -> None:
        if part == "text":
            self._show_text()
        elif part == "pastes":
            self._show_chips()
        elif part == "pending":
            self._show_pending()
        elif part == "lent":
            self._lent.setText(self._presenter.lent_words)
            self._lent.setVisible(bool(self._presenter.lent_words))
        elif part == "editing":
            self._banner.setVisible(bool(self._presenter.editing))
            if self._presenter.editing:
                self.take_focus()
        self._show_send()
        self._show_memory()

    def _show_all(self) -> None:
        for part in ("text", "pastes", "pending", "editing", "lent"):
            self._changed(part)

    def _show_text(self) -> None:
        if self.box.toPlainText() != self._presenter.text:
            self._setting = True
            self.box.setPlainText(self._presenter.text)
            self.box.moveCursor(self.box.textCursor().MoveOperation.End)
            self._setting = False
        self.box.document().clearUndoRedoStacks()  # what is set anew is not undone into what was there before

    def _show_chips(self) -> None:
        pieces.empty(self._chips)
        for index, piece in enumerate(self._presenter.pastes):
            self._chips.addWidget(self._chip(index, piece))
        self._chips.addStretch(1)

    def _chip(self, index: int, piece: Paste) -> QFrame:
        open_it = pieces.button(piece.about, lambda: self.whole_asked.emit(piece.text), f"paste-{index}", kind="link",
                                hint=f"Show it: {piece.beginning}")  # fmt: skip
        remove = pieces.IconButton(
            self._look, "close", "Take this text out", lambda: self._presenter.remove_paste(index),
            f"pasteRemove-{index}", size=14,
        )  # fmt: skip
        sign = pieces.IconLabel(self._look, "attach", "muted", 16)
        return pieces.frame("notice", pieces.row(sign, open_it, remove, gap=GAP_1, margins=(GAP_2, 2, 2, 2)))

    def _show_pending(self) -> None:
        pending = self._presenter.pending
        self._waiting.setVisible(bool(pending))
        if pending:
            more = f" and {count(len(pending) - 1, 'more message')}" if len(pending) > 1 else ""
            self._waiting.setText(f"On its way: “{one_line(pending[0].text, 70)}”{more}")

    def _show_memory(self) -> None:
        """How full the model's memory is, and what this message would push out of it."""
        written = len(self._presenter.text) + sum(len(piece.text) for piece in self._presenter.pastes)
        line = self._context.line(written)
        self._memory.setText(line.words)
        self._memory.setToolTip(line.hint)
        self._memory.setAccessibleDescription(line.hint)
        self._memory.setVisible(bool(line.words))
        pieces.set_property(self._memory, tone=line.tone)
        self._pushes.setText(line.warning)
        self._pushes.setVisible(bool(line.warning))

    def _show_send(self) -> None:
        stops = bool(self._chat.running_turn) and not self._presenter.text and not self._presenter.pastes
        self._send.show_icon("stop" if stops else "send")
        words = "Stop (Esc)" if stops else "Send (Enter)"
        self._send.setToolTip(words)
        self._send.setAccessibleName("Stop" if stops else "Send")
