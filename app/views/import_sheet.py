"""Servers of other programs on a sheet over the window: what was found, with a tick each; then what it would change in
the settings, to be read before it is made. Esc goes back a step.
"""

from functools import partial

from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from app.presenters.server_import import ChoiceRow, ProgramRow, ServerImportPresenter, Step
from app.theme.tokens import GAP_1, GAP_2, GAP_3, GAP_4
from app.views import dialogs, pieces
from app.views.sheets import Sheet, SheetOver

ABOUT = (
    "Other programs on this machine declare these. What you tick becomes an entry of your own settings; their files "
    "stay as they are."
)
READ = "This is the whole change. Nothing is started by it: ask each server what it has when you want to."
FILES = "Settings of another program (*.json);;Any file (*)"


def import_sheets(presenter: ServerImportPresenter, over: QWidget) -> SheetOver:
    def is_open() -> bool:
        return presenter.step is not Step.CLOSED

    return SheetOver(presenter, is_open, lambda parent: ImportSheet(presenter, parent), over)


class ImportSheet(Sheet):
    def __init__(self, presenter: ServerImportPresenter, parent: QWidget) -> None:
        super().__init__("importSheet", "Servers of other programs", parent)
        self._presenter = presenter
        self._page: _Choosing | _Reading | None = None
        self._trouble = pieces.label("", tone="bad", wrap=True, name="importTrouble")
        self._column = pieces.column(self._trouble, gap=GAP_2, margins=(GAP_4, GAP_4, GAP_4, GAP_4))
        self.setLayout(self._column)
        self.resize(680, 540)
        self._show_step()

    def step_back(self) -> None:
        if self._presenter.step is Step.READING:
            self._presenter.back()
        else:
            self._presenter.close()

    def heard(self, part: str) -> None:
        if part == "step":
            self._show_step()
        self._show_state()

    def _show_step(self) -> None:
        if self._page is not None:
            self._page.hide()
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        kind = _Reading if self._presenter.step is Step.READING else _Choosing
        self._page = kind(self._presenter, self)
        self._column.insertWidget(0, self._page, 1)
        self._page.take_focus()
        self._show_state()

    def _show_state(self) -> None:
        self._trouble.setText(self._presenter.trouble)
        self._trouble.setVisible(bool(self._presenter.trouble))
        if self._page is not None:
            self._page.show_state()


class _Choosing(QWidget):
    def __init__(self, presenter: ServerImportPresenter, sheet: ImportSheet) -> None:
        super().__init__()
        self._presenter = presenter
        self._boxes: list[QCheckBox] = []
        looking = presenter.step is Step.LOOKING
        none = pieces.label("Looking…" if looking else presenter.nothing, tone="muted", wrap=True, name="importNone")
        none.setVisible(looking or bool(presenter.nothing))
        programs = [self._program(number, one) for number, one in enumerate(presenter.programs) if not looking]
        inner = pieces.column(none, *programs, None, gap=GAP_3, margins=(0, 0, GAP_2, 0))
        area = dialogs.scroll(pieces.box(inner), "importArea", "Servers of other programs")
        other = pieces.button("Another file…", lambda: self._other(sheet), "importOther",
                              hint="Where a program keeps its servers elsewhere")  # fmt: skip
        leave = pieces.button("Leave it", sheet.reject, "importLeave", hint="Change nothing (Esc)")
        self._read = pieces.button("Show the change", presenter.read, "importRead", kind="primary",
                                   hint="Nothing is written yet")  # fmt: skip
        self._read.setDefault(True)
        foot = pieces.row(other, None, leave, self._read, gap=GAP_2)
        about = pieces.label(ABOUT, tone="muted", wrap=True)
        self.setLayout(pieces.column(about, area, foot, gap=GAP_3))

    def take_focus(self) -> None:
        first = next((box for box in self._boxes if box.isEnabled()), None)
        (first or self._read).setFocus()

    def show_state(self) -> None:
        self._read.setEnabled(self._presenter.can_preview)

    def _program(self, number: int, one: ProgramRow) -> QWidget:
        lines = [self._line(f"{number}-{place}", row) for place, row in enumerate(one.rows)]
        trouble = pieces.label(one.trouble, face="small", tone="bad", wrap=True, name=f"importTrouble-{number}")
        trouble.setVisible(bool(one.trouble))
        path = pieces.ElidedLabel(one.path, face="code", tone="muted")
        head = pieces.column(pieces.label(one.name, face="heading"), path, trouble, gap=GAP_1)
        return pieces.frame("card", pieces.column(head, *lines, gap=GAP_2, margins=(GAP_3, GAP_2, GAP_3, GAP_2)))

    def _line(self, place: str, row: ChoiceRow) -> QWidget:
        box = QCheckBox(row.name.replace("&", "&&"))
        box.setObjectName(f"import-{place}")
        box.setAccessibleName(f"Take over {row.name}")
        box.setAccessibleDescription(row.note)
        box.setEnabled(row.can)
        box.setChecked(self._presenter.is_chosen(row.key))
        box.toggled.connect(partial(self._presenter.choose, row.key))
        self._boxes.append(box)
        how = pieces.ElidedLabel(row.how, face="code", tone="muted")
        how.setVisible(bool(row.how))
        note = pieces.label(row.note, face="small", tone="muted" if row.can else "wait", wrap=True)
        note.setVisible(bool(row.note))
        return pieces.box(pieces.column(box, how, note, gap=2))

    def _other(self, sheet: ImportSheet) -> None:
        if path := dialogs.open_path(sheet, "Servers of another program", FILES):
            self._presenter.open(path)


class _Reading(QWidget):
    def __init__(self, presenter: ServerImportPresenter, sheet: ImportSheet) -> None:
        super().__init__()
        preview = presenter.preview
        assert preview is not None, "the presenter has read it"
        diff = QPlainTextEdit()
        diff.setObjectName("importDiff")
        diff.setAccessibleName("The change of your settings")
        diff.setReadOnly(True)
        diff.setTabChangesFocus(True)
        diff.setPlainText(preview.diff)
        warnings = [
            pieces.label(words, face="small", tone="wait", wrap=True, name=f"importWarning-{number}")
            for number, words in enumerate(presenter.warnings)
        ]
        back = pieces.button("Back", sheet.reject, "importBack", hint="To what was found (Esc)")
        self._take = pieces.button("Take over", presenter.take, "importTake", kind="primary",
                                   hint="Write it into ~/.agentrc")  # fmt: skip
        about = pieces.label(READ, tone="muted", wrap=True)
        foot = pieces.row(None, back, self._take, gap=GAP_2)
        self.setLayout(pieces.column(about, diff, *warnings, foot, gap=GAP_3))

    def take_focus(self) -> None:
        self._take.setFocus()

    def show_state(self) -> None:
        """Nothing of it changes while it is read."""
