"""Carryon in the tray: whether the window may go there, what its icon says, what its menu does."""

import time

from agent.protocol import commands, events
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.status import DOUBTS, StatusPresenter

OPTION = "window.tray"
TOLD = ("Carryon goes on here", "Reminders ring and the outbox delivers. To end it, choose Quit in this icon's menu.")
QUIET = "Nothing waiting"


class TrayPresenter(Presenter):
    """Parts that change: "wanted", "menu"."""

    def __init__(self, submit: Submit, status: StatusPresenter, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._status = status
        self.wanted = False
        self.hidden = False
        status.listen(lambda _part, _key: self._changed("menu"))

    def handlers(self) -> Handlers:
        return {events.SettingsLoaded: self._settings}

    @property
    def hint(self) -> str:
        """What the icon says when it is pointed at."""
        told = {part.name: part.text for part in self._status.parts}
        outbox = told["outbox"] if told["outbox"] != QUIET else ""
        said = [told["network"], outbox, told.get(DOUBTS, ""), told.get("data", ""), f"{told['model']} {told['state']}"]
        return "\n".join(("Carryon", *(words for words in said if words)))

    @property
    def offline(self) -> bool:
        return self._status.offline_switch

    def set_offline(self, offline: bool) -> None:
        self._status.set_offline(offline)

    def went(self, *, hidden: bool) -> None:
        """The window went to the tray, or is shown again."""
        if hidden != self.hidden:
            self.hidden = hidden
            self._submit(commands.ReportWindow(hidden=hidden))

    def _settings(self, event: events.SettingsLoaded) -> None:
        wanted = any(option.key == OPTION and option.value is True for option in event.options)
        if wanted != self.wanted:
            self.wanted = wanted
            self._changed("wanted")
