"""The main window: rail, rooms, status line. It only puts parts together; each room knows itself.

Rooms other than Chat are made when they are first shown.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QShowEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from app.presenters.desk import VIEWS, Desk
from app.theme.icons import logo_icon
from app.views import pieces, shortcuts
from app.views.chat_page import ChatPage
from app.views.look import Look
from app.views.notifications import Notifications
from app.views.profile_banner import ProfileBanner
from app.views.rail import Rail
from app.views.status_line import StatusLine
from app.views.toast import ToastView

SIZE = (1280, 800)
SIZE_MIN = (820, 560)
UNSTORED = "window/unstored"  # written while the profile could not be opened


class Window(QMainWindow):
    """`painted` is emitted once, after the first paint: only then may anything slow begin."""

    painted = Signal()
    closing = Signal()

    def __init__(self, look: Look, desk: Desk, memory: QSettings | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Carryon")
        self.setWindowIcon(logo_icon())
        self.setMinimumSize(*SIZE_MIN)
        self.look, self.desk, self._memory = look, desk, memory
        self._was_painted = False
        self.rail = Rail(look)
        self._rooms = QStackedWidget()
        self._rooms.setObjectName("page")
        self._made: dict[str, QWidget] = {}
        self.chat = ChatPage(look, desk, self.show_view)
        self._keep("chat", self.chat)
        self.status = StatusLine(look, desk.status, self.show_view)
        self._put_together()
        self.toast = ToastView(look, desk.toasts, self)
        self._notifications = Notifications(desk.toasts, self)
        self._connect()
        self._restore_place()
        self.show_view("chat")

    @property
    def view(self) -> str:
        return next(name for name, room in self._made.items() if room is self._rooms.currentWidget())

    def room(self, name: str) -> QWidget:
        """The room of that name, made now if it was never shown."""
        if name not in self._made:
            self._keep(name, self._makers()[name]())
        return self._made[name]

    def show_view(self, name: str) -> None:
        if name != "library":
            self.desk.library.keep_edits()
        room = self.room(name)
        self._rooms.setCurrentWidget(room)
        self.rail.select(name)
        if self._was_painted:
            self.desk.show_view(name)
        if name == "chat":
            self.chat.composer.take_focus()
        elif first := getattr(room, "first", None):
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self, name: str, room: QWidget) -> None:
        self._made[name] = room
        self._rooms.addWidget(room)

    def _makers(self) -> Mapping[str, Callable[[], QWidget]]:
        from app.views.insights_page import InsightsPage
        from app.views.library_page import LibraryPage
        from app.views.models_page import ModelsPage
        from app.views.outbox_page import OutboxPage
        from app.views.settings_page import SettingsPage

        return {
            "library": lambda: LibraryPage(self.look, self.desk.library),
            "outbox": lambda: OutboxPage(self.look, self.desk.outbox),
            "models": lambda: ModelsPage(self.look, self.desk.models, self.desk.product),
            "insights": lambda: InsightsPage(self.look, self.desk.insights),
            "settings": lambda: SettingsPage(self.look, self.desk.settings, self.desk.status),
        }

    def _put_together(self) -> None:
        banner = ProfileBanner(self.look, self.desk.profile)
        right = pieces.column(banner, self._rooms, self.status, gap=0)
        whole = pieces.row(self.rail, right, gap=0)
        self.setCentralWidget(pieces.box(whole))

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_view)
        self.desk.status.listen(lambda _part, _key: self.rail.show_badge("outbox", self.desk.status.needs_you))
        self.desk.outbox.listen(lambda part, _key: self._open_mail() if part == "mailto" else None)
        views = {f"view-{view.name}": self._shower(view.name) for view in VIEWS}
        shortcuts.install(self, {**views, **self._deeds()})

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
            "help": lambda: shortcuts.show_help(self),
            "quit": self.close,
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
        field = getattr(self._rooms.currentWidget(), "search", None) or self.chat.conversations.search
        field.setFocus()
        field.selectAll()

    def _save(self) -> None:
        if self.view == "library":
            self.room("library").panel.save()  # type: ignore[attr-defined]
        elif self.view == "settings":
            self.desk.settings.save()

    def _open_mail(self) -> None:
        QDesktopServices.openUrl(QUrl(self.desk.outbox.mailto))

    # Life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_painted:
            QTimer.singleShot(0, self._first_paint)

    def _first_paint(self) -> None:
        if not self._was_painted:
            self.repaint()
            self._was_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Everything that was written is handed to the core before it closes."""
        self.desk.composer.save_draft()
        self.desk.library.keep_edits()
        if self._memory:
            self._memory.setValue("window/place", self.saveGeometry())
            self._memory.setValue(UNSTORED, self.desk.unstored())
        self.closing.emit()
        event.accept()

    def _restore_place(self) -> None:
        self.resize(*SIZE)
        if self._memory and (unstored := str(self._memory.value(UNSTORED) or "")):
            self.desk.composer.suggest(unstored)
        place = self._memory.value("window/place") if self._memory else None
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
