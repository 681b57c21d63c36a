"""The Settings room: a form at the left, the file itself at the right. Both are the same file."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from agent.protocol.events import ProblemShown
from app.presenters.laptops import LaptopsPresenter
from app.presenters.server_import import ServerImportPresenter
from app.presenters.servers import ServersPresenter
from app.presenters.settings import SettingsPresenter
from app.presenters.status import StatusPresenter
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import dialogs, pieces
from app.views.laptops_section import LaptopsSection
from app.views.look import Look
from app.views.option_row import OptionRowView
from app.views.rc_editor import RcEditor
from app.views.servers_section import ServersSection

CHECK_MS = 250  # after the last key
PROBLEMS_SHOWN_MAX = 4


class SettingsPage(QWidget):
    def __init__(
        self, look: Look, presenter: SettingsPresenter, status: StatusPresenter, servers: ServersPresenter,
        importing: ServerImportPresenter, laptops: LaptopsPresenter,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("settingsPage")
        self._look, self._presenter, self._status, self._servers = look, presenter, status, servers
        self._importing, self._laptops = importing, laptops
        self._rows: dict[str, OptionRowView] = {}
        self._options = pieces.column(gap=GAP_2)
        self.editor = self.first = RcEditor(look)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._form())
        splitter.addWidget(self._file())
        splitter.setSizes([560, 640])
        self.setLayout(pieces.column(splitter))
        self._connect()
        self._changed("text")
        for part in ("rows", "problems", "state"):
            self._changed(part)

    # Laying out

    def _form(self) -> QFrame:
        self.offline = _switch("Stay offline", "settingsOffline", "Nothing leaves this machine while this is on")
        self.practice = _switch("Practice mailbox", "settingsPractice", "Off erases what it received")
        switches = pieces.column(self.offline, self.practice, gap=0, margins=(GAP_3, GAP_2, GAP_3, GAP_2))
        inner: QVBoxLayout = pieces.column(
            pieces.label("Settings", face="title"),
            pieces.label("Every line is a view of the file on the right.", tone="muted", wrap=True),
            pieces.frame("card", switches),
            ServersSection(self._look, self._servers, self._importing),
            LaptopsSection(self._laptops),
            self._options,
            None,
            gap=GAP_3,
            margins=(GAP_4, GAP_3, GAP_4, GAP_4),
        )
        area = dialogs.scroll(pieces.box(inner, "column"), "settingsForm", "Settings as a form")
        made = pieces.frame("side", pieces.column(area))
        made.setMinimumWidth(320)
        return made

    def _file(self) -> QFrame:
        self._path = pieces.ElidedLabel("", face="heading")
        outside = pieces.IconButton(self._look, "external", "Open in your editor", self._open_outside, "rcOutside")
        self._verdict = pieces.label("", face="small", wrap=True, name="rcVerdict")
        self._problems = pieces.column(gap=GAP_1)
        self._back = pieces.button("Put back", self._presenter.put_back, "rcPutBack", hint="Drop what was not saved")
        self._save = pieces.button("Save", self._presenter.save, "rcSave", kind="primary", hint="Save (Ctrl+S)")
        head = pieces.row(pieces.IconLabel(self._look, "file", "muted"), self._path, outside, gap=GAP_2)
        foot = pieces.row(self._verdict, self._back, self._save, gap=GAP_2)
        foot.setStretch(0, 1)
        inner = pieces.column(head, self.editor, self._problems, foot, gap=GAP_2, margins=(GAP_4, GAP_3, GAP_4, GAP_3))
        made = pieces.frame("reading", inner)
        made.setMinimumWidth(340)
        return made

    def _connect(self) -> None:
        self._resting = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._resting.timeout.connect(self._presenter.check)
        self.editor.textChanged.connect(self._typed)
        self.offline.clicked.connect(self._status.set_offline)
        self.practice.clicked.connect(self._presenter.set_practice)
        self._presenter.listen(lambda part, _: self._changed(part))
        self._status.listen(lambda _part, _key: self.offline.setChecked(self._status.offline_switch))
        self.offline.setChecked(self._status.offline_switch)

    # The presenter

    def _changed(self, part: str) -> None:
        if part == "text":
            self._show_text()
        elif part == "rows":
            self._show_rows()
        elif part == "problems":
            self._show_problems()
        self._show_state()

    def _show_text(self) -> None:
        if self.editor.toPlainText() != self._presenter.text:
            self.editor.blockSignals(True)
            self.editor.setPlainText(self._presenter.text)
            self.editor.blockSignals(False)

    def _show_rows(self) -> None:
        for row in self._presenter.rows:
            if row.key not in self._rows:
                self._rows[row.key] = OptionRowView(row.key, self._presenter.set)
                self._options.addWidget(self._rows[row.key])
            self._rows[row.key].show_row(row)
        known = {row.key for row in self._presenter.rows}
        for key in [key for key in self._rows if key not in known]:
            self._rows.pop(key).deleteLater()
        self.practice.setChecked(self._presenter.practice)

    def _show_problems(self) -> None:
        pieces.empty(self._problems)
        for problem in self._presenter.problems[:PROBLEMS_SHOWN_MAX]:
            self._problems.addLayout(self._problem(problem))
        self.editor.show_problems(self._presenter.problems)

    def _problem(self, problem: ProblemShown) -> QHBoxLayout:
        go = pieces.button(
            f"Line {problem.line}", partial(self.editor.go_to, problem.line), f"rcProblem-{problem.line}", kind="link",
            hint=f"Go to this line: {problem.text}",
        )  # fmt: skip
        words = pieces.label(problem.text, tone="bad", wrap=True, name=f"rcProblemText-{problem.line}")
        layout = pieces.row(go, words, gap=GAP_2)
        layout.setStretch(1, 1)
        return layout

    def _show_state(self) -> None:
        words, tone = self._presenter.verdict
        self._path.say(self._presenter.path or ".agentrc")
        self._verdict.setText(words)
        pieces.set_property(self._verdict, tone=tone)
        self._save.setEnabled(self._presenter.can_save)
        self._back.setEnabled(self._presenter.is_edited)

    # The user

    def _typed(self) -> None:
        self._presenter.typed(self.editor.toPlainText())
        self._resting.start()

    def _open_outside(self) -> None:
        if self._presenter.path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._presenter.path))


def _switch(text: str, name: str, about: str) -> QCheckBox:
    made = QCheckBox(text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setAccessibleDescription(about)
    made.setToolTip(about)
    return made
