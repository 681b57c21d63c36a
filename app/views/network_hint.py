"""What the system believes about network and battery: hints, never the truth. The plugin may be missing."""

from PySide6.QtCore import QObject, QTimer

from app.presenters.status import StatusPresenter

LOW_BATTERY_PERCENT = 15
BATTERY_LOOKED_AT_MS = 60_000


class NetworkHint(QObject):
    """Made after the first paint, since it loads a plugin."""

    def __init__(self, presenter: StatusPresenter, parent: QObject) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QNetworkInformation

        self._presenter = presenter
        self._kind = QNetworkInformation
        self._found: QNetworkInformation | None = None
        self._low_battery: bool | None = None
        if QNetworkInformation.loadDefaultBackend() and (found := QNetworkInformation.instance()):
            self._found = found
            found.reachabilityChanged.connect(self._tell)
            found.isMeteredChanged.connect(self._tell)
            found.transportMediumChanged.connect(self._moved)
            self._tell()
        battery = QTimer(self)
        battery.timeout.connect(self._look_at_battery)
        battery.start(BATTERY_LOOKED_AT_MS)

    def _look_at_battery(self) -> None:
        before, self._low_battery = self._low_battery, is_low()
        if self._low_battery != before:
            self._tell()

    def _tell(self, *_: object) -> None:
        self._presenter.hint(self._reachable(), self._metered(), self._low_battery)

    def _moved(self, *_: object) -> None:
        """From a cable to the air, or back: what was proven on the old way says nothing about the new one."""
        self._presenter.hint(self._reachable(), self._metered(), self._low_battery, moved=True)

    def _reachable(self) -> bool | None:
        if self._found is None:
            return None
        kinds, reachability = self._kind.Reachability, self._found.reachability()
        if reachability == kinds.Unknown:
            return None
        return reachability not in (kinds.Disconnected, kinds.Local)

    def _metered(self) -> bool | None:
        if self._found is None or not self._found.supports(self._kind.Feature.Metered):
            return None
        return bool(self._found.isMetered())


def is_low() -> bool | None:
    """Whether the battery runs low and nothing charges it; None where there is none."""
    import psutil

    sensors = getattr(psutil, "sensors_battery", None)  # not on every system
    battery = sensors() if sensors else None
    if battery is None:
        return None
    return bool(battery.percent <= LOW_BATTERY_PERCENT and not battery.power_plugged)
