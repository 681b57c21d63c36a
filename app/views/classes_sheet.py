"""The sheet on which the user says what a server's tools are: the suggestion for each, changeable by keyboard, and one
Accept. Nothing waits for it; Esc leaves everything as it is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFrame, QLineEdit, QWidget

from app.presenters.servers import CLASSES, ONLINE, PAST_WORDS, REPEATS, TOUCHES, ServersPresenter, ToolRow
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import dialogs, pieces
from app.views.flow import flowing

WORDS = (
    "A server may say anything about itself. Local works without a network, deferrable may be carried out later by the "
    "outbox, online needs an answer. What touches nothing runs without asking; everything else asks you first, unless "
    "a rule under [tools] says otherwise."
)


class ClassesSheet(QDialog):
    def __init__(self, presenter: ServersPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("classesSheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"What the tools of {presenter.sheet_of} are")
        self._presenter = presenter
        self._closes = True
        rows = presenter.sheet or ()
        lines = [*(ToolLine(row, presenter) for row in rows), *_left_out(presenter)]
        inner = pieces.column(*lines, None, gap=GAP_2, margins=(0, 0, GAP_2, 0))
        area = dialogs.scroll(pieces.box(inner), "classesArea", "Tools")
        waits = sum(row.waits for row in rows)
        accept = pieces.button("Accept" if waits else "Save", presenter.accept, "classesAccept", kind="primary",
                               hint="Write it into ~/.agentrc")  # fmt: skip
        leave = pieces.button("Leave it", self.reject, "classesLeave", hint="Change nothing (Esc)")
        foot = pieces.row(None, leave, accept, gap=GAP_2)
        head = pieces.label(WORDS, tone="muted", wrap=True)
        self.setLayout(pieces.column(head, area, foot, gap=GAP_3, margins=(GAP_4, GAP_4, GAP_4, GAP_4)))
        self.resize(760, 560)
        accept.setFocus()

    def let_go(self) -> None:
        """Closed by the presenter."""
        self._closes = False
        self.accept()

    def reject(self) -> None:
        if self._closes:
            self._presenter.close()
        super().reject()


class ToolLine(QFrame):
    def __init__(self, row: ToolRow, presenter: ServersPresenter) -> None:
        super().__init__()
        self.setObjectName(f"tool-{row.tool}")
        self.setProperty("panel", "card")
        self._row, self._presenter = row, presenter
        chip = pieces.chip("to look at" if row.waits else "in use", "wait" if row.waits else "good")
        title = pieces.ElidedLabel(row.name, face="heading")
        head = pieces.row(title, chip, gap=GAP_2)
        head.setStretchFactor(title, 1)
        about = pieces.label(row.about, wrap=True)
        note = pieces.label(row.note, face="small", tone="muted", wrap=True)
        note.setVisible(bool(row.note))
        kind = self._choice("connectivity", "Class", CLASSES, row.connectivity)
        past = self._choice("past", "What becomes of older answers", tuple(PAST_WORDS.values()), row.past)
        past.setToolTip("Without a network, where all there is was answered longer ago than that")
        self._past = _said("when older", past)
        kind.currentTextChanged.connect(lambda said: self._past.setVisible(said == ONLINE))
        self._past.setVisible(row.connectivity == ONLINE)
        controls = flowing((
            kind, _said("fresh", self._fresh(row.fresh)), self._past,
            _said("repeat", self._choice("repeat", "Repeat", REPEATS, row.repeat)),
            _said("touches", self._choice("touches", "Touches", TOUCHES, row.touches)),
        ))  # fmt: skip
        self.setLayout(pieces.column(head, about, note, controls, gap=GAP_1, margins=(GAP_3, GAP_2, GAP_3, GAP_2)))

    def _choice(self, part: str, label: str, words: tuple[str, ...], value: str) -> QComboBox:
        made = QComboBox()
        made.addItems(words if value in words else (*words, value))
        made.setCurrentText(value)
        made.setObjectName(f"{part}-{self._row.tool}")
        made.setAccessibleName(f"{label} of {self._row.name}")
        made.setToolTip(label)
        made.currentTextChanged.connect(lambda text: self._presenter.say(self._row.tool, **{part: text}))
        return made

    def _fresh(self, value: str) -> QLineEdit:
        made = QLineEdit(value)
        made.setMaximumWidth(72)
        made.setObjectName(f"fresh-{self._row.tool}")
        made.setAccessibleName(f"How long what {self._row.name} says may be relied on")
        made.setToolTip("How long what it says may be relied on: 0s, 5m, 7d")
        made.textChanged.connect(lambda text: self._presenter.say(self._row.tool, fresh=text))
        return made


def _left_out(presenter: ServersPresenter) -> list[QWidget]:
    """What the server declares in a way that nobody can use: shown, so that it is not missed without a reason."""
    rows = presenter.refused
    if not rows:
        return []
    head = pieces.label("Left out", face="heading", name="classesRefused")
    made: list[QWidget] = [head]
    for number, row in enumerate(rows):
        words = pieces.label(f"{row.kind} {row.name}: {row.why}", wrap=True, name=f"refused-{number}")
        made.append(pieces.frame("card", pieces.row(words, margins=(GAP_3, GAP_2, GAP_3, GAP_2))))
    return made


def _said(words: str, control: QWidget) -> QWidget:
    return pieces.box(pieces.row(pieces.label(words, face="small", tone="muted"), control, gap=GAP_2))
