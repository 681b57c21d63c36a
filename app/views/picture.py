"""A picture of the library, as small as its place asks for. It is taken apart away from the window's thread, by the one
decoder that fits what its bytes say, within bounds; what cannot be shown says so in words.
"""

import struct
import weakref
from functools import cache

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QObject,
    QRunnable,
    QSize,
    Qt,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import QImage, QImageReader, QPixmap, QShowEvent
from shiboken6 import isValid

from app.presenters.files import FileFace, FilesPresenter
from app.views.pieces import WrappedLabel

PIXELS_MAX, AT_ONCE = 40_000_000, 1  # so that a page full of large pictures takes the memory of one
GIF_SCREEN = struct.Struct("<6xHH")  # behind the name of the format; frames are drawn on it, however small they are
FORMATS = frozenset(("png", "jpeg", "gif", "webp"))
WAITING, BROKEN = "Loading the picture…", "This picture cannot be shown here. It is kept in the library as it came."
CARD, WHOLE = QSize(320, 200), QSize(460, 400)


class Picture(WrappedLabel):
    def __init__(self, files: FilesPresenter, shown: FileFace, most: QSize, name: str) -> None:
        super().__init__(WAITING)
        self.setObjectName(name)
        self.setProperty("tone", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(shown.words)
        self._files, self._shown, self._most = files, shown, most
        self._wanted = False

    def showEvent(self, event: QShowEvent) -> None:
        """Asked for when it is about to be seen."""
        super().showEvent(event)
        if not self._wanted:
            self._wanted = True
            me = weakref.ref(self)  # a card may be built anew before its picture has come
            self._files.want(self._shown.id, lambda content: _told(me(), content))

    def decode(self, content: bytes) -> None:
        work = _Decoding(content, self._shown.format, self._most * self.devicePixelRatioF())
        work.told.done.connect(self._show)
        decoders().start(work)

    def _show(self, image: QImage) -> None:
        if image.isNull():
            self.setText(BROKEN)
            return
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self.setWordWrap(False)
        self.setPixmap(QPixmap.fromImage(image))
        self.setFixedHeight(round(image.height() / image.devicePixelRatio()))


@cache
def decoders() -> QThreadPool:
    """Their own, so that nothing else of the window waits for pictures, nor they for it."""
    pool = QThreadPool()
    pool.setMaxThreadCount(AT_ONCE)
    if app := QCoreApplication.instance():
        app.aboutToQuit.connect(lambda: _ended(pool))
    return pool


def _ended(pool: QThreadPool) -> None:
    """Before Python ends, which the last picture would still need; what waits is seen by nobody and not begun."""
    pool.clear()
    pool.waitForDone()


def _told(picture: Picture | None, content: bytes) -> None:
    if picture is not None and isValid(picture):
        picture.decode(content)


class _Told(QObject):
    done = Signal(QImage)


class _Decoding(QRunnable):
    def __init__(self, content: bytes, kind: str, most: QSize) -> None:
        super().__init__()
        self.told = _Told()
        self._content, self._kind, self._most = content, kind, most

    def run(self) -> None:
        self.told.done.emit(_decoded(self._content, self._kind, self._most))


def _decoded(content: bytes, kind: str, most: QSize) -> QImage:
    """Null for what cannot be shown."""
    if kind not in FORMATS:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind.encode()))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isEmpty() or max(_pixels(size), _pixels(_screen(content, kind))) > PIXELS_MAX:
        return QImage()
    if _fitting(size, most) != size:
        reader.setScaledSize(_fitting(size, most))
    image = reader.read()
    fitting = _fitting(image.size(), most)  # what came may be larger than it said
    return image if image.isNull() or fitting == image.size() else image.scaled(fitting)


def _pixels(size: QSize) -> int:
    return size.width() * size.height()


def _screen(content: bytes, kind: str) -> QSize:
    """What a GIF makes its decoder hold: the size that its reader tells is that of the first frame."""
    return QSize(*GIF_SCREEN.unpack_from(content)) if kind == "gif" and len(content) >= GIF_SCREEN.size else QSize(0, 0)


def _fitting(size: QSize, most: QSize) -> QSize:
    if size.width() <= most.width() and size.height() <= most.height():
        return size
    return size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
