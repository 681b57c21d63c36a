"""Pictures and sounds that tools answered with, for the pictures of the window."""

from PySide6.QtCore import QBuffer, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from agent.protocol.events import ArtifactOpened, ConversationOpened, FileLoaded
from agent.protocol.records import Artifact, Call, CallStatus, Role, Version
from app import demo

CHART = {"name": "picture-1.png", "media_type": "image/png", "bytes": 8_412}
CLIP = {"name": "sound-2.wav", "media_type": "audio/wav", "bytes": 92_400, "seconds": 4.2}
FACTS = {
    "text": "Rainfall in Porto, January to June.", "server": "charts", "source": "server charts",
    "files": [{"id": "f1", **CHART}, {"id": "f2", **CLIP}],
}  # fmt: skip
ARTIFACT = Artifact(
    "f1", "file", "Picture 1 from charts.draw of charts", demo.NOW_MS - demo.MINUTE, demo.NOW_MS - demo.MINUTE, 1,
    data=CHART,
)  # fmt: skip


def loaded() -> FileLoaded:
    return FileLoaded(artifact_id="f1", content=chart())


def drawn() -> ConversationOpened:
    call = Call("k90", "t46", "charts.draw", {}, CallStatus.DONE, FACTS["text"], artifact_id="f1", facts=FACTS)  # type: ignore[arg-type]
    asked = demo.message(91, Role.USER, "draw the rainfall in Porto and read it to me", 1)
    answered = demo.message(92, Role.AGENT, "Here it is.", 1, calls=(call,))
    return ConversationOpened(conversation=demo.CONVERSATIONS[0], messages=(asked, answered))


def opened() -> ArtifactOpened:
    version = Version("f1", 1, "c0ffee", 8_412, "carryon", ARTIFACT.created_at, demo.THREAD)
    return ArtifactOpened(artifact=ARTIFACT, version=version, text="", versions=(version,))


def chart() -> bytes:
    """A line over some months, as a PNG."""
    image = QImage(560, 340, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#d8d4cb"), 1))
    for height in range(60, 320, 60):
        painter.drawLine(40, height, 530, height)
    painter.setPen(QPen(QColor("#0e7480"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    heights = (90, 120, 150, 170, 220, 270)
    painter.drawPolyline(QPolygonF([QPointF(50 + 94 * number, height) for number, height in enumerate(heights)]))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
