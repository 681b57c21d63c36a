"""One command at a time, answered with events. Each room holds handlers by type of command; they are joined here."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.protocol.commands import Command
from agent.protocol.events import Event, Failed
from agent.session import chat, library, models, outbox, product, settings

if TYPE_CHECKING:
    from agent.compose import Runtime

Handler = Callable[["Runtime", Any], Iterator[Event]]

HANDLERS: Mapping[type[Command], Handler] = {
    **chat.HANDLERS,
    **library.HANDLERS,
    **outbox.HANDLERS,
    **settings.HANDLERS,
    **models.HANDLERS,
    **product.HANDLERS,
}


class Session:
    """The core of one front end. `handle` is called from one thread; `cancel` from any."""

    def __init__(self, runtime: "Runtime", on_change: Callable[[], None] = lambda: None) -> None:
        self.runtime = runtime
        self._on_change = on_change

    def handle(self, command: Command) -> Iterator[Event]:
        handler = HANDLERS.get(type(command))
        if handler is None:
            yield Failed(cause=command.id, what=f"Carryon does not know the command {type(command).__name__}.")
            return
        yield from handler(self.runtime, command)
        self._on_change()

    def cancel(self) -> None:
        self.runtime.minds.cancel()
