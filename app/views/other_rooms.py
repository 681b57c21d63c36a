"""The rooms besides Chat. Each is imported and made when it is first shown, not before."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from app.presenters.desk import Desk
from app.views.look import Look


def make(name: str, look: Look, desk: Desk) -> QWidget:
    return _MAKERS[name](look, desk)


def _library(look: Look, desk: Desk) -> QWidget:
    from app.views.library_page import LibraryPage

    return LibraryPage(look, desk.library, desk.files)


def _outbox(look: Look, desk: Desk) -> QWidget:
    from app.views.outbox_page import OutboxPage

    return OutboxPage(look, desk.outbox)


def _models(look: Look, desk: Desk) -> QWidget:
    from app.views.models_page import ModelsPage

    return ModelsPage(look, desk.models, desk.product, desk.gallery)


def _insights(look: Look, desk: Desk) -> QWidget:
    from app.views.insights_page import InsightsPage

    return InsightsPage(look, desk.insights)


def _settings(look: Look, desk: Desk) -> QWidget:
    from app.views.settings_page import SettingsPage

    return SettingsPage(look, desk.settings, desk.status, desk.servers, desk.server_import, desk.laptops)


_MAKERS: Mapping[str, Callable[[Look, Desk], QWidget]] = {
    "library": _library, "outbox": _outbox, "models": _models, "insights": _insights, "settings": _settings,
}  # fmt: skip
