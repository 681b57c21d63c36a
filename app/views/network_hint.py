"""What the system believes about the network: a hint for the core, never the truth. Its plugin may be missing."""

from PySide6.QtCore import QObject

from app.presenters.status import StatusPresenter


class NetworkHint(QObject):
    """Made after the first paint, since it loads a plugin."""

    def __init__(self, presenter: StatusPresenter, parent: QObject) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QNetworkInformation

        self._presenter = presenter
        self._kind = QNetworkInformation
        if QNetworkInformation.loadDefaultBackend() and (found := QNetworkInformation.instance()):
            found.reachabilityChanged.connect(self._tell)
            self._tell(found.reachability())

    def _tell(self, reachability: object) -> None:
        kinds = self._kind.Reachability
        if reachability in (kinds.Disconnected, kinds.Local):
            self._presenter.hint(False)
        elif reachability == kinds.Unknown:
            self._presenter.hint(None)
        else:
            self._presenter.hint(True)
