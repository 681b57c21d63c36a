"""A file of the library where there is no text to read: its picture, or what it is in words."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from agent.protocol.records import Artifact
from app.presenters.files import FilesPresenter, face
from app.theme.tokens import GAP_1
from app.views import pieces
from app.views.picture import Picture

FILE = "file"
ELSEWHERE = "Export it to open it with another program."


class FileBody(QWidget):
    """Hidden for what is no file."""

    def __init__(self, files: FilesPresenter, most: QSize, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._files, self._most = files, most
        self._column = pieces.column(gap=GAP_1)
        self.setLayout(self._column)
        self.hide()

    def show_artifact(self, artifact: Artifact | None) -> None:
        pieces.empty(self._column)
        is_file = artifact is not None and artifact.kind == FILE
        self.setVisible(is_file)
        if artifact is None or not is_file:
            return
        shown = face(artifact.id, artifact.data)
        if shown.format:
            self._column.addWidget(Picture(self._files, shown, self._most, f"{self.objectName()}Picture"))
        words = shown.words if shown.format else f"{shown.words}. {ELSEWHERE}"
        self._column.addWidget(pieces.label(words, tone="muted", wrap=True, name=f"{self.objectName()}Words"))
