"""Text to read, as tall as it needs to be. Untrusted: nothing is loaded, and a link is shown before it is opened."""

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFocusEvent, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QMessageBox, QSizePolicy, QTextBrowser, QWidget

from app.presenters.markdown import safe_address

PARAGRAPH_GAP, BELOW = 8, 3  # pixels: between two paragraphs, under the last line
_LINES = (
    f"p, li, blockquote {{ line-height: 138%; }} p {{ margin: 0 0 {PARAGRAPH_GAP}px 0; }}"
    " h1, h2, h3 { margin: 10px 0 6px 0; }"
)


class TextBody(QTextBrowser):
    """`width_max`: hug the text up to this width, or fill the room when it is 0."""

    def __init__(self, name: str, about: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(about)
        self.setProperty("reading", "true")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(0)
        self.document().setDefaultStyleSheet(_LINES)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumWidth(40)
        self.anchorClicked.connect(lambda url: open_after_asking(url, self))
        self._hug = 0

    def say_html(self, html: str) -> None:
        self.setHtml(html)
        self.fit()

    def say(self, text: str) -> None:
        self.setPlainText(text)
        self.fit()

    def hug(self, width_max: int) -> None:
        self._hug = width_max
        self.fit()

    def loadResource(self, type: int, name: QUrl | str) -> Any:  # noqa: A002  Qt's own names
        return None  # no picture, no style, nothing from the disk or the network

    def fit(self) -> None:
        document = self.document()
        if self._hug:
            document.setTextWidth(-1)
            width = min(int(document.idealWidth()) + 4, self._hug)
            self.setFixedWidth(width)
            document.setTextWidth(width)
        else:
            document.setTextWidth(max(self.viewport().width(), 40))
        self.setFixedHeight(int(document.size().height()) + BELOW)

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls, not this text

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()


def open_after_asking(url: QUrl, parent: QWidget) -> None:
    """Show the whole address first: what a link says and where it leads may differ."""
    address = safe_address(bytes(url.toEncoded().data()).decode("ascii", "replace"))  # as it is asked for, not prettier
    if not address:
        return
    ask = QMessageBox(parent)
    ask.setObjectName("openLink")
    ask.setTextFormat(Qt.TextFormat.PlainText)
    ask.setWindowTitle("Open this address?")
    ask.setText("This leads out of Carryon, to:")
    ask.setInformativeText(address)
    ask.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    ask.setDefaultButton(QMessageBox.StandardButton.Cancel)
    ask.accepted.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
    ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    ask.open()
