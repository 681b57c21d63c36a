"""Every key that does something, in one table: it makes the shortcuts, and the page that F1 shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from app.theme.tokens import GAP_2, GAP_4, GAP_6
from app.views import pieces


@dataclass(frozen=True, slots=True)
class Key:
    """`name` is what the window does; keys without one belong to a widget and are only shown."""

    keys: str
    about: str
    name: str = ""


KEYS: tuple[Key, ...] = (
    Key("Ctrl+1", "Chat", "view-chat"),
    Key("Ctrl+2", "Library", "view-library"),
    Key("Ctrl+3", "Outbox", "view-outbox"),
    Key("Ctrl+4", "Models", "view-models"),
    Key("Ctrl+5", "Insights", "view-insights"),
    Key("Ctrl+6", "Settings", "view-settings"),
    Key("Ctrl+N", "New conversation, or new note in the Library", "new"),
    Key("Ctrl+K", "Search conversations", "search"),
    Key("Ctrl+F", "Search where you are", "find"),
    Key("Ctrl+L", "Go to the message box", "compose"),
    Key("Enter", "Send"),
    Key("Shift+Enter", "New line"),
    Key("Esc", "Stop an answer; leave an edit"),
    Key("Up", "In an empty box: change your last message"),
    Key("/", "In an empty box: texts that servers have ready"),
    Key("Ctrl+Shift+R", "Reset this conversation", "reset"),
    Key("Ctrl+Shift+Z", "Undo the last reset or change", "undo"),
    Key("Ctrl+S", "Save, in the Library and in Settings", "save"),
    Key("F5", "Try to deliver now", "flush"),
    Key("Ctrl+Shift+O", "Stay offline, or use the network again", "offline"),
    Key("Space", "Tick a task in the list; mark an item of the Outbox"),
    Key("Ctrl+A", "Mark all that are listed, in the Outbox"),
    Key("Ctrl+Return", "Approve what is marked, or the item in hand"),
    Key("Ctrl+T", "Try again what is marked, or the item in hand"),
    Key("Del", "Cancel what is marked, or the item in hand"),
    Key("Left", "Close a destination of the Outbox; Right opens it"),
    Key("F1", "This page", "help"),
    Key("Ctrl+W", "Close the window; it stays in the tray if you chose so", "close"),
    Key("Ctrl+Q", "Quit", "quit"),
)


def install(window: QWidget, deeds: Mapping[str, Callable[[], object]]) -> None:
    for key in KEYS:
        if key.name:
            shortcut = QShortcut(QKeySequence(key.keys), window)
            shortcut.activated.connect(lambda name=key.name: deeds[name]())


def show_help(parent: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setObjectName("shortcutsHelp")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keys")
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_4)
    grid.setVerticalSpacing(GAP_2)
    half = (len(KEYS) + 1) // 2
    for number, key in enumerate(KEYS):
        shown = QKeySequence(key.keys).toString(QKeySequence.SequenceFormat.NativeText)
        across = 0 if number < half else 3
        grid.addWidget(pieces.chip(shown), number % half, across)
        grid.addWidget(pieces.label(key.about), number % half, across + 1)
    grid.setColumnMinimumWidth(2, GAP_6)
    close = pieces.button("Close", dialog.accept, "shortcutsClose", kind="primary")
    dialog.setLayout(
        pieces.column(pieces.label("Everything by keyboard", face="title"), grid, pieces.row(None, close), gap=GAP_4,
                      margins=(GAP_6, GAP_6, GAP_6, GAP_4))
    )  # fmt: skip
    dialog.open()
    return dialog
