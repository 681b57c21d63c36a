"""Calls as the transcript shows them: what they wait for in the outbox, and those that may have been done."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from agent.loop.settling import DecidedBeforeError
from agent.protocol import events
from agent.protocol.call_commands import CALLS_ASKED_MAX, ListCallItems, ResolveCall
from agent.protocol.commands import Command
from agent.protocol.events import Event
from agent.protocol.outbox_events import CallItemsListed
from agent.protocol.records import Call

if TYPE_CHECKING:
    from agent.compose import Runtime


def list_items(runtime: "Runtime", command: ListCallItems) -> Iterator[Event]:
    """Without calls that were reset, or whose item was erased, since they were shown."""
    made = runtime.conversations.outbox_ids(command.call_ids[:CALLS_ASKED_MAX])
    items = runtime.outbox.newest_of(made.values())
    yield CallItemsListed(cause=command.id, items={call: items[item] for call, item in made.items() if item in items})


def resolve(runtime: "Runtime", command: ResolveCall) -> Iterator[Event]:
    call = runtime.conversations.call(command.call_id)
    if call.tries != command.tries:
        raise DecidedBeforeError(where=call.tool)
    call = runtime.resolve_call(call, command.verdict)
    yield events.CallSettled(cause=command.id, turn_id=call.turn_id, call=call)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"conversations", "library", "outbox"}))


def settled_left(runtime: "Runtime") -> Iterator[Event]:
    """When the profile is opened, and again when a conversation is: another copy of Carryon may have died since."""
    left = runtime.settle_left()
    for call in left:
        yield events.CallSettled(turn_id=call.turn_id, call=call)
    if left:
        yield events.Failed(what=left[-1].result, todo=_others(left))
        yield events.StoreChanged(areas=frozenset({"outbox"}))  # where what waits for the user's word is counted


def _others(left: Sequence[Call]) -> str:
    return f"The same holds for {len(left) - 1} more: `carryon chat resolve` lists them." if len(left) > 1 else ""


HANDLERS: dict[type[Command], Callable[..., Iterator[Event]]] = {ListCallItems: list_items, ResolveCall: resolve}
