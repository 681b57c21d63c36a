"""When the profile cannot be opened: what is wrong, where, what to do, and the backup where there is one."""

import time

from agent.protocol import commands, events
from app.presenters.presenter import Clock, Handlers, Presenter, Submit

BACKUP = "The newest backup can take its place; the damaged file is kept beside it."


class ProfilePresenter(Presenter):
    """Part that changes: "trouble" (None: all is well)."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.trouble: events.ProfileUnavailable | None = None
        self._asked = ""  # id of the command that puts the backup back

    def handlers(self) -> Handlers:
        return {
            events.ProfileUnavailable: self._unavailable,
            events.Failed: self._failed,
            events.SettingsLoaded: lambda _: self._opened(),
        }

    @property
    def words(self) -> str:
        if self.trouble is None:
            return ""
        where = f" ({self.trouble.where})" if self.trouble.where else ""
        return f"{self.trouble.what}{where} {BACKUP if self.trouble.restorable else self.trouble.todo}".strip()

    @property
    def restoring(self) -> bool:
        return bool(self._asked)

    @property
    def can_restore(self) -> bool:
        return bool(self.trouble and self.trouble.restorable and not self.restoring)

    def restore(self) -> None:
        if self.can_restore:
            command = commands.RestoreProfile()
            self._asked = command.id
            self._submit(command)
            self._changed("trouble")

    def _unavailable(self, event: events.ProfileUnavailable) -> None:
        """Comes once by itself and again in answer to every command; only the first ends a try to restore."""
        if not event.cause:
            self._asked = ""
        self.trouble = event
        self._changed("trouble")

    def _failed(self, event: events.Failed) -> None:
        if self._asked and event.cause == self._asked:
            self._asked = ""
            self._changed("trouble")

    def _opened(self) -> None:
        if self.trouble:
            self.trouble, self._asked = None, ""
            self._changed("trouble")
