"""The few questions that are asked in a window of their own, and long texts to read."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QInputDialog, QPlainTextEdit, QScrollArea, QWidget

from app.theme.tokens import GAP_2, GAP_4
from app.views import pieces

LINE_CHARACTERS_MAX = 2_000  # a longer line is broken for reading: laying out one of a million letters takes seconds

ASK_WIDTH = 440


def show_text(parent: QWidget, title: str, text: str) -> None:
    dialog = QDialog(parent)
    dialog.setObjectName("wholeText")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    box = QPlainTextEdit()
    box.setObjectName("wholeTextBody")
    box.setAccessibleName(title)
    box.setReadOnly(True)
    box.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    box.setPlainText("\n".join(_broken(text)))
    close = pieces.button("Close", dialog.accept, "wholeTextClose", kind="primary")
    dialog.setLayout(pieces.column(box, pieces.row(None, close), gap=GAP_2, margins=(GAP_4, GAP_4, GAP_4, GAP_4)))
    dialog.resize(720, 520)
    dialog.open()


def edit_text(parent: QWidget, title: str, about: str, text: str, most: int, on_save: Callable[[str], None]) -> None:
    """A text of several lines to change, of at most so many characters; `on_save` gets it when the user says so.
    Nothing waits for the answer."""
    dialog = QDialog(parent)
    dialog.setObjectName("editText")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    box = QPlainTextEdit()
    box.setObjectName("editTextBody")
    box.setAccessibleName(title)
    box.setTabChangesFocus(True)
    box.setPlainText(text)

    def save() -> None:
        written = box.toPlainText()
        if len(written) > most:
            too_long.setText(f"This has {len(written):,} characters; {most:,} are the most.")
            too_long.show()
            return
        on_save(written)
        dialog.accept()

    too_long = pieces.label("", tone="bad", wrap=True, name="editTextTooLong")
    too_long.hide()
    kept = pieces.button("Save", save, "editTextSave", kind="primary")
    leave = pieces.button("Leave it", dialog.reject, "editTextLeave", hint="Change nothing (Esc)")
    foot = pieces.row(None, leave, kept, gap=GAP_2)
    explained = pieces.label(about, tone="muted", wrap=True)
    dialog.setLayout(pieces.column(explained, box, too_long, foot, gap=GAP_2, margins=(GAP_4, GAP_4, GAP_4, GAP_4)))
    dialog.resize(560, 380)
    dialog.open()


def _broken(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line[at : at + LINE_CHARACTERS_MAX] for at in range(0, max(len(line), 1), LINE_CHARACTERS_MAX)]
    return lines


def ask_text(parent: QWidget, title: str, about: str, text: str) -> str:
    """What was typed, or "" when the user thought better of it."""
    asked = QInputDialog(parent)
    asked.setWindowTitle(title)
    asked.setLabelText(about)
    asked.setTextValue(text)
    asked.resize(ASK_WIDTH, asked.sizeHint().height())
    agreed = asked.exec()
    asked.deleteLater()
    return asked.textValue().strip() if agreed else ""


def save_path(parent: QWidget, title: str, name: str, kinds: str) -> str:
    """`name` may be made of a title that anybody wrote: it is proposed as a name in the home folder, never a path."""
    from agent.library.exporting import one_name

    path, kind = QFileDialog.getSaveFileName(parent, title, str(Path.home() / one_name(name)), kinds)
    if path and not Path(path).suffix and (suffix := _suffix(kind)):
        path += suffix
    return path


def open_paths(parent: QWidget, title: str, kinds: str) -> tuple[str, ...]:
    return tuple(QFileDialog.getOpenFileNames(parent, title, str(Path.home()), kinds)[0])


def open_path(parent: QWidget, title: str, kinds: str) -> str:
    return QFileDialog.getOpenFileName(parent, title, str(Path.home()), kinds)[0]


def scroll(inner: QWidget, name: str, about: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setAccessibleName(about)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area


def _suffix(kind: str) -> str:
    """ "Markdown (*.md)" is ".md"."""
    return kind.partition("(*")[2].rstrip(")")
