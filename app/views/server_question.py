"""A server's question in the middle of a call: who asks, its words as plain text, a field for each thing it wants.
Nothing waits in the window; Esc says no."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLineEdit, QWidget

from agent.protocol.server_records import QuestionField, ServerQuestion
from app.presenters.servers import ServersPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces

WARNING = "Carryon does not ask this: it is the other program. Never give it a password."


class ServerQuestions:
    """Shows the one that is to be answered, over the window."""

    def __init__(self, presenter: ServersPresenter, over: QWidget) -> None:
        self._presenter, self._over = presenter, over
        self._shown: QuestionDialog | None = None
        presenter.listen(lambda part, _key: self._show() if part == "question" else None)

    def _show(self) -> None:
        question = self._presenter.question
        if self._shown is not None and (question is None or self._shown.question != question):
            self._shown.let_go()
            self._shown = None
        if question is not None and self._shown is None:
            self._shown = QuestionDialog(question, self._presenter, self._over)
            self._shown.open()


class QuestionDialog(QDialog):
    def __init__(self, question: ServerQuestion, presenter: ServersPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("serverQuestion")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"The server {question.server} asks")
        self.question, self._presenter = question, presenter
        self._closes = True
        self._fields = {field.name: _control(field) for field in question.fields}
        lines = pieces.column(gap=GAP_2)
        for field in question.fields:
            wanted = "" if field.required else " (optional)"
            lines.addWidget(pieces.label(f"{field.title}{wanted}", face="heading"))
            if field.about:
                lines.addWidget(pieces.label(field.about, tone="muted", wrap=True))
            lines.addWidget(self._fields[field.name])
        send = pieces.button("Answer", self._answer, "questionAnswer", kind="primary")
        no = pieces.button("Do not answer", self.reject, "questionDecline", hint="The server is told no (Esc)")
        words = pieces.label(question.text, wrap=True, name="questionText")
        who = pieces.label(f"The server {question.server} asks", face="title")
        foot = pieces.row(None, no, send, gap=GAP_2)
        warning = pieces.label(WARNING, tone="muted", wrap=True)
        margins = (GAP_4, GAP_4, GAP_4, GAP_4)
        self.setLayout(pieces.column(who, words, lines, warning, foot, gap=GAP_3, margins=margins))
        self.setMinimumWidth(460)

    def let_go(self) -> None:
        """Closed by the presenter."""
        self._closes = False
        self.accept()

    def reject(self) -> None:
        if self._closes:
            self._closes = False
            self._presenter.answer(None)
        super().reject()

    def _answer(self) -> None:
        self._presenter.answer({name: _value(control) for name, control in self._fields.items()})


def _control(field: QuestionField) -> QWidget:
    made: QWidget
    if field.kind == "yes_no":
        box = QCheckBox("Yes")
        box.setChecked(field.default.casefold() == "true")
        made = box
    elif field.kind == "choice":
        choice = QComboBox()
        choice.addItems(field.choices if field.required else ("", *field.choices))
        choice.setCurrentText(field.default)
        made = choice
    else:
        made = QLineEdit(field.default)
    made.setObjectName(f"questionField-{field.name}")
    made.setAccessibleName(field.title)
    return made


def _value(control: QWidget) -> object:
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QComboBox):
        return control.currentText()
    assert isinstance(control, QLineEdit)
    return control.text()
