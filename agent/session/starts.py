"""The insights room: how the starts of this profile went."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from agent.protocol import commands, events
from agent.starts import slo
from agent.starts.ledger import Ledger

if TYPE_CHECKING:
    from agent.compose import Runtime


def show(runtime: "Runtime", command: commands.ShowStarts) -> Iterator[events.Event]:
    ledger = Ledger(runtime.connection)
    starts = ledger.recent()
    standings = slo.standings(starts)
    yield events.StartsShown(cause=command.id, last=ledger.last(), kept=len(starts), standings=standings)


HANDLERS: dict[type[commands.Command], Callable[..., Iterator[events.Event]]] = {commands.ShowStarts: show}
