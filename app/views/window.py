"""The main window: rail, rooms, status line. It only puts parts together; each room knows itself.

It is painted with the rail and the box to write in, before anything else is imported; `furnish` puts the rest in. Rooms
other than Chat are made when they are first shown.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from app.presenters.early import EarlyComposer
from app.presenters.rooms import VIEWS
from app.theme.icons import logo_icon
from app.views import layouts
from app.views.look import Look
from app.views.rail import Rail
from app.views.shell import Shell

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStackedWidget

    from app.presenters.desk import Desk
    from app.views.chat_page import ChatPage
    from app.views.status_line import StatusLine
    from app.views.toast import ToastView

SIZE = (1280, 800)
SIZE_MIN = (820, 560)
UNSTORED = "window/unstored"  # written while the profile could not be opened
PAINT_MS_MAX = 1_000  # a window that is never painted (minimised at once) goes on all the same


class Window(QMainWindow):
    """`painted` is emitted once, after the first paint: only then may anything slow begin. `furnish` follows it, and
    `ready` once the core behind it is being opened."""

    painted = Signal()
    ready = Signal()
    closing = Signal()
    desk: "Desk"
    chat: "ChatPage"
    status: "StatusLine"
    toast: "ToastView"
    rooms: "QStackedWidget"

    def __init__(self, look: Look, memory: QSettings | None = None, early: EarlyComposer | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Carryon")
        self.setMinimumSize(*SIZE_MIN)
        self.look, self._memory = look, memory
        self._early = early or EarlyComposer()
        self._made: dict[str, QWidget] = {}
        self._was_painted = self.furnished = False
        self.leaving = False  # closed for good, wherever a closed window may stay
        self._wanted = VIEWS[0].name  # the room to show once it can be made
        self.rail = Rail(look)
        self.rail.chosen.connect(self._choose)
        self._shell = Shell(look, self._early, lambda: QTimer.singleShot(0, self._first_paint))
        self._place = layouts.row(self.rail, self._shell, gap=0)
        self.setCentralWidget(layouts.box(self._place))
        self._restore_place()
        self._shell.box.setFocus()
        self._patience = QTimer(self, singleShot=True, interval=PAINT_MS_MAX)
        self._patience.timeout.connect(self._first_paint)
        self._patience.start()

    def furnish(self, desk: "Desk") -> None:
        """The rooms, and all that listens, in place of the shell: in one go, without a paint between."""
        from app.views import furniture

        self.desk = desk
        self._early.typed(self._shell.text())
        made = furniture.make(self.look, desk, self.show_view, self)
        self.setStyleSheet("")  # of the first paint
        self.rail.finish()
        self.rooms, self.chat, self.status, self.toast = made.rooms, made.chat, made.status, made.toast
        self._keep(VIEWS[0].name, self.chat)
        self._place.replaceWidget(self._shell, made.whole)
        self._let_go_of_the_shell()
        self.look.dress_once()
        self.setWindowIcon(logo_icon())
        desk.composer.take_over(self._early)
        self._connect()
        self._bring_back()
        self.furnished = True
        self.show_view(self._wanted)

    def _let_go_of_the_shell(self) -> None:
        self._shell.hide()
        self._shell.box.setObjectName("")
        self._shell.deleteLater()

    @property
    def view(self) -> str:
        return next(name for name, room in self._made.items() if room is self.rooms.currentWidget())

    def room(self, name: str) -> QWidget:
        """The room of that name, made now if it was never shown."""
        if name not in self._made:
            from app.views.other_rooms import make

            self._keep(name, make(name, self.look, self.desk))
        return self._made[name]

    def show_view(self, name: str) -> None:
        if name != "library":
            self.desk.library.keep_edits()
        room = self.room(name)
        self.rooms.setCurrentWidget(room)
        self.rail.select(name)
        if self._was_painted:
            self.desk.show_view(name)
        if name == "chat":
            self.chat.composer.take_focus()
        elif first := getattr(room, "first", None):
            first.setFocus()

    def _choose(self, name: str) -> None:
        self._wanted = name
        if self.furnished:
            self.show_view(name)

    def _keep(self, name: str, room: QWidget) -> None:
        self._made[name] = room
        self.rooms.addWidget(room)

    def _connect(self) -> None:
        from app.views import shortcuts

        self.look.follow_system()
        self.desk.status.listen(lambda _part, _key: self._count_what_waits())
        self.desk.outbox.listen(lambda part, _key: self._open_mail() if part == "mailto" else None)
        views = {f"view-{view.name}": self._shower(view.name) for view in VIEWS}
        shortcuts.install(self, {**views, **self._deeds()})

    def _count_what_waits(self) -> None:
        self.rail.show_badge("outbox", self.desk.status.needs_you)
        self.rail.show_badge("chat", len(self.desk.status.doubts))

    def _shower(self, name: str) -> Callable[[], None]:
        return lambda: self.show_view(name)

    def _deeds(self) -> Mapping[str, Callable[[], object]]:
        return {
            "new": self._new,
            "search": self._search_conversations,
            "find": self._find,
            "compose": lambda: self.show_view("chat"),
            "reset": self.desk.reset.ask,
            "undo": self.desk.chat.undo,
            "save": self._save,
            "flush": self.desk.outbox.flush,
            "offline": lambda: self.desk.status.set_offline(not self.desk.status.offline_switch),
            "help": self._show_keys,
            "close": self.close,
            "quit": self.leave,
        }

    def _new(self) -> None:
        if self.view == "library":
            self.desk.library.begin_note()
        else:
            self.desk.conversations.begin_new()
            self.show_view("chat")

    def _search_conversations(self) -> None:
        self.show_view("chat")
        self.chat.conversations.setVisible(True)
        self.chat.conversations.search.setFocus()
        self.chat.conversations.search.selectAll()

    def _find(self) -> None:
        field = getattr(self.rooms.currentWidget(), "search", None) or self.chat.conversations.search
        field.setFocus()
        field.selectAll()

    def _save(self) -> None:
        if self.view == "library":
            self.room("library").panel.save()  # type: ignore[attr-defined]
        elif self.view == "settings":
            self.desk.settings.save()

    def _show_keys(self) -> None:
        from app.views.shortcuts import show_help

        show_help(self)

    def _open_mail(self) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        QDesktopServices.openUrl(QUrl(self.desk.outbox.mailto))

    # Life

    def _first_paint(self) -> None:
        if not self._was_painted:
            self._was_painted = True
            self._patience.stop()
            self.painted.emit()

    def leave(self) -> None:
        """Close it for good: the program ends."""
        self.leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Everything that was written is handed to the core before it closes."""
        if self.furnished:
            self.desk.composer.save_draft()
            self.desk.library.keep_edits()
        if self._memory:
            self._memory.setValue("window/place", self.saveGeometry())
            self._memory.setValue(UNSTORED, self._unstored())
        self.closing.emit()
        event.accept()

    def _unstored(self) -> str:
        """What no database holds: of a window that was closed before it was furnished, what stands in the box."""
        if self.furnished:
            return self.desk.unstored()
        return "\n\n".join(text for text in (self._kept(), self._shell.text()) if text)

    def _kept(self) -> str:
        return str(self._memory.value(UNSTORED) or "") if self._memory else ""

    def _restore_place(self) -> None:
        self.resize(*SIZE)
        place = self._memory.value("window/place") if self._memory else None
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)

    def _bring_back(self) -> None:
        if unstored := self._kept():
            self.desk.composer.bring_back(unstored)
