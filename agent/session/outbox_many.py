"""The outbox room, about many items: pages of a filtered list, destinations, one decision about all that are marked."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.conversation.errors import NoConversationError
from agent.outbox import deciding, standing
from agent.protocol import events, outbox_commands, outbox_events
from agent.protocol.commands import Command
from agent.protocol.events import Event
from agent.protocol.outbox_commands import PAGE_ITEMS_MAX

if TYPE_CHECKING:
    from agent.compose import Runtime
    from sync.item import Item

OVER = ("delivered", "cancelled")


def list_page(runtime: "Runtime", command: outbox_commands.ListPage) -> Iterator[Event]:
    wanted, limit = command.wanted, max(1, min(command.limit, PAGE_ITEMS_MAX))
    found = runtime.outbox.list(
        wanted.states, wanted.destination, limit + 1, command.after or None, newest_first=not command.backwards,
        conversation_id=wanted.conversation_id, tool=wanted.tool, text=wanted.text,
    )  # fmt: skip
    items = found[:limit][:: -1 if command.backwards else 1]
    yield outbox_events.PageListed(
        cause=command.id, wanted=wanted, after=command.after, backwards=command.backwards, items=tuple(items),
        beyond=found[limit].id if len(found) > limit else "", needs=_needs(runtime, items),
        titles=_titles(runtime, items),
    )  # fmt: skip


def _needs(runtime: "Runtime", items: "Iterable[Item]") -> "Mapping[str, tuple[Item, ...]]":
    waiting = [item for item in items if item.waits_for and str(item.state) not in OVER]
    return {
        item.id: tuple(other for other in runtime.outbox.needs(item.id) if str(other.state) != "delivered")
        for item in waiting
    }


def _titles(runtime: "Runtime", items: "Iterable[Item]") -> Mapping[str, str]:
    titles = dict[str, str]()
    for conversation_id in dict.fromkeys(item.conversation_id for item in items):
        if conversation_id is None:
            continue
        try:
            titles[conversation_id] = runtime.conversations.get(conversation_id).title
        except NoConversationError:
            continue  # the item outlives it
    return titles


def list_places(runtime: "Runtime", command: outbox_commands.ListPlaces) -> Iterator[Event]:
    places, left_out = standing.places(runtime.outbox)
    yield outbox_events.PlacesListed(cause=command.id, places=places, left_out=left_out)


class Decisions:
    """Those about many items, for one session. Its stop is its own: no model and no server has to do with it."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._going, self._stop = threading.Event(), threading.Event()

    def handlers(self) -> Mapping[type[Command], Callable[[Any], Iterator[Event]]]:
        return {outbox_commands.DecideItems: self._decide}

    def stop(self) -> bool:
        """From any thread. False: none goes on."""
        if going := self._going.is_set():
            self._stop.set()
        return going

    def _decide(self, command: outbox_commands.DecideItems) -> Iterator[Event]:
        self._stop.clear()
        self._going.set()
        try:
            yield from self._in_parts(command)
        finally:
            self._going.clear()

    def _in_parts(self, command: outbox_commands.DecideItems) -> Iterator[Event]:
        """A stop keeps what is decided by then, and says so."""
        runtime = self._runtime
        ids, left = command.ids, False
        if command.wanted is not None:
            found, left = deciding.chosen(runtime.outbox, command.verb, command.wanted)
            ids = tuple(found)
        decided = deciding.Decided()
        for decided in deciding.decide_in_parts(runtime.outbox, command.verb, ids):
            if decided.left:
                so_far = len(decided.done) + len(decided.refused) + len(decided.to_look_at)
                yield outbox_events.ItemsDeciding(cause=command.id, done=so_far, total=len(ids))
                if self._stop.is_set():
                    break
        runtime.nudge()
        yield outbox_events.ItemsDecided(
            cause=command.id, verb=command.verb, done=decided.done, refused=decided.refused,
            to_look_at=decided.to_look_at, left=left or decided.left,
        )  # fmt: skip
        yield events.StoreChanged(cause=command.id, areas=frozenset({"outbox"}))


def free(runtime: "Runtime", command: outbox_commands.FreeItem) -> Iterator[Event]:
    item = runtime.outbox.let_go(command.item_id)
    runtime.nudge()
    yield events.ItemChanged(cause=command.id, item=item)
    yield events.StoreChanged(cause=command.id, areas=frozenset({"outbox"}))


HANDLERS: dict[type[Command], Callable[..., Iterator[Event]]] = {
    outbox_commands.ListPage: list_page,
    outbox_commands.ListPlaces: list_places,
    outbox_commands.FreeItem: free,
}
