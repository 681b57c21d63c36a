"""The door at which a second start knocks: a local socket, the user's alone, beside the profile's other state."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.single import HEARD, KNOCK, door

GUESTS_MAX = 8
STAY_MS_MAX = 2_000  # who has not said what it wants by then is shown out


class Door(QObject):
    """`knocked`: show the window. Whoever knocks has taken the lock's word that a window is here."""

    knocked = Signal()

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(GUESTS_MAX)
        self._server.newConnection.connect(self._greet)
        address = door(folder)
        self.is_open = address is not None and self._listen(address)

    def close(self) -> None:
        self._server.close()

    def _listen(self, address: str) -> bool:
        """What a process left that was killed is in the way; who listens now holds the lock."""
        QLocalServer.removeServer(address)
        return self._server.listen(address)

    def _greet(self) -> None:
        while guest := self._server.nextPendingConnection():
            guest.disconnected.connect(guest.deleteLater)
            guest.readyRead.connect(lambda guest=guest: self._hear(guest))
            QTimer.singleShot(STAY_MS_MAX, guest, guest.abort)
            self._hear(guest)

    def _hear(self, guest: QLocalSocket) -> None:
        if guest.bytesAvailable() < len(KNOCK):
            return
        if bytes(guest.read(len(KNOCK)).data()) == KNOCK:
            self.knocked.emit()
            guest.write(HEARD)
            guest.flush()
        guest.disconnectFromServer()
