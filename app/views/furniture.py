"""What takes the place of the shell: the Chat room, the status line, and what comes over them. Made in one go."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from app.presenters.desk import Desk
from app.views import pieces
from app.views.chat_page import ChatPage
from app.views.look import Look
from app.views.profile_banner import ProfileBanner
from app.views.server_question import ServerQuestions
from app.views.sheets import SheetOver
from app.views.sign_in_sheet import sign_ins
from app.views.status_line import StatusLine
from app.views.toast import ToastView


@dataclass(frozen=True, slots=True)
class Furniture:
    """`whole` holds them all but the toast, which floats over the window."""

    whole: QWidget
    rooms: QStackedWidget
    chat: ChatPage
    status: StatusLine
    toast: ToastView
    questions: ServerQuestions
    sign_ins: SheetOver


def make(look: Look, desk: Desk, show_view: Callable[[str], None], over: QMainWindow) -> Furniture:
    rooms = QStackedWidget()
    rooms.setObjectName("page")
    chat = ChatPage(look, desk, show_view)
    status = StatusLine(look, desk.status, show_view, desk.chat.show_call)
    whole = pieces.box(pieces.column(ProfileBanner(look, desk.profile), rooms, status, gap=0))
    questions = ServerQuestions(desk.servers, over)
    return Furniture(
        whole, rooms, chat, status, ToastView(look, desk.toasts, over), questions, sign_ins(desk.sign_in, over)
    )
