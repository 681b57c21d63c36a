"""The core of the window's first moments: takes commands at once, hands them on in order when the real core is open.

What the user sends is on the disk before it leaves the box, and stays there until the real core has stored it.
"""

from typing import TYPE_CHECKING

from agent.unsent import Unsent

if TYPE_CHECKING:
    from agent.protocol.commands import Command
    from agent.protocol.events import Event
    from app.bridge import Core


class LateCore:
    def __init__(self, unsent: Unsent) -> None:
        self._unsent = unsent
        self._waiting: list[Command] = []
        self._core: Core | None = None

    def open(self, core: "Core") -> None:
        self._core = core
        waiting, self._waiting = self._waiting, []
        for command in waiting:
            core.submit(command)

    def submit(self, command: "Command") -> None:
        self._keep(command)
        if self._core:
            self._core.submit(command)
        else:
            self._waiting.append(command)

    def cancel(self) -> None:
        if self._core:
            self._core.cancel()

    def heard(self, event: "Event") -> None:
        """Called with every event of the core, on its threads."""
        from agent.protocol.events import Failed, ProfileUnavailable, TurnStarted

        if isinstance(event, TurnStarted):
            self._unsent.stored(event.cause)
        elif isinstance(event, Failed | ProfileUnavailable):
            self._unsent.given_back(event.cause)

    def close(self) -> None:
        if self._core:
            self._core.close()
        self._unsent.close()

    def _keep(self, command: "Command") -> None:
        from agent.protocol.commands import EditMessage, SendMessage

        if isinstance(command, SendMessage) and not self._unsent.holds(command.id):
            self._unsent.keep(command.id, command.text, command.conversation_id, command.sources)
        elif isinstance(command, EditMessage):
            self._unsent.keep(command.id, command.text, sources=command.sources)
