"""Beside the transcript: the work or the outbox item that a card points at, without leaving the conversation."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget

from app.presenters.files import FilesPresenter
from app.presenters.library import LibraryPresenter
from app.presenters.markdown import render
from app.presenters.outbox import OutboxPresenter
from app.theme.tokens import GAP_2, GAP_3, GAP_4
from app.views import pieces
from app.views.file_body import FileBody
from app.views.item_panel import ItemPanel
from app.views.look import Look
from app.views.picture import CARD
from app.views.text_body import TextBody

OpenView = Callable[[str], None]


class InHand(QFrame):
    def __init__(
        self, look: Look, library: LibraryPresenter, files: FilesPresenter, outbox: OutboxPresenter, open_view: OpenView
    ) -> None:
        super().__init__()
        self.setObjectName("inHand")
        self.setAccessibleName("In hand")
        self.setProperty("panel", "side")
        self._library, self._open_view = library, open_view
        self._title = pieces.ElidedLabel("", face="title")
        self._open = pieces.button("", self._open_whole, "inHandOpen", kind="link")
        close = pieces.IconButton(look, "close", "Close", self.hide, "inHandClose")
        head = pieces.row(self._title, close, margins=(GAP_4, GAP_3, GAP_2, 0))
        self._work = ArtifactPreview(look, library, files)
        self._item = ItemPanel(look, outbox, compact=True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._work)
        self._stack.addWidget(self._item)
        foot = pieces.row(self._open, None, margins=(GAP_4, 0, GAP_4, GAP_3))
        self.setLayout(pieces.column(head, self._stack, foot, gap=GAP_2))
        self.setMinimumWidth(280)
        self.hide()

    def show_work(self, artifact_id: str) -> None:
        self._library.open(artifact_id)
        self._show(self._work, "From the library", "Open in Library", "library")

    def show_item(self) -> None:
        self._show(self._item, "In the outbox", "Open in Outbox", "outbox")

    def edit_item(self) -> None:
        self.show_item()
        self._item.edit()

    def _show(self, part: "ArtifactPreview | ItemPanel", title: str, words: str, view: str) -> None:
        self._stack.setCurrentWidget(part)
        self._title.say(title)
        self._open.setText(words)
        self._open.setAccessibleName(words)
        self._view = view
        self.show()

    def _open_whole(self) -> None:
        self._open_view(self._view)


class ArtifactPreview(QScrollArea):
    """The text of the work in hand, to read."""

    def __init__(self, look: Look, library: LibraryPresenter, files: FilesPresenter) -> None:
        super().__init__()
        self.setObjectName("artifactPreview")
        self.setAccessibleName("Preview")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._look, self._library = look, library
        self._title = pieces.label("", face="heading", wrap=True, name="previewTitle")
        self._body = TextBody("previewText", "Text of this work")
        self._file = FileBody(files, CARD, "previewFile")
        inner = pieces.column(self._title, self._file, self._body, None, gap=GAP_2, margins=(GAP_4, 0, GAP_4, GAP_3))
        self.setWidget(pieces.box(inner, "column"))
        library.listen(lambda part, _: self._show() if part in ("opened", "saved", "closed") else None)
        look.changed.connect(self._show)

    def _show(self) -> None:
        artifact = self._library.artifact
        self._title.setText(artifact.title if artifact else "")
        self._body.say_html(render(self._library.text, self._look.inks()))
        self._file.show_artifact(artifact)
