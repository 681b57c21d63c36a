"""When the profile cannot be opened: what is wrong, where, what to do, and the backup where there is one."""

import time

from agent.protocol import commands, events
from app.presenters.presenter import Clock, Handlers, Presenter, Submit


class ProfilePresenter(Presenter):
    """Part that changes: "trouble" (None: all is well)."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.trouble: events.ProfileUnavailable | None = None
        self.restoring = False

    def handlers(self) -> Handlers:
        return {events.ProfileUnavailable: self._unavailable, events.SettingsLoaded: lambda _: self._opened()}

    @property
    def words(self) -> str:
        if self.trouble is None:
            return ""
        where = f" ({self.trouble.where})" if self.trouble.where else ""
        return f"{self.trouble.what}{where} {self.trouble.todo}".strip()

    @property
    def can_restore(self) -> bool:
        return bool(self.trouble and self.trouble.restorable and not self.restoring)

    def restore(self) -> None:
        if self.can_restore:
            self.restoring = True
            self._submit(commands.RestoreProfile())
            self._changed("trouble")

    def _unavailable(self, event: events.ProfileUnavailable) -> None:
        self.trouble, self.restoring = event, False
        self._changed("trouble")

    def _opened(self) -> None:
        if self.trouble:
            self.trouble, self.restoring = None, False
            self._changed("trouble")
