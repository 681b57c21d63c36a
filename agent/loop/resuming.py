"""A conversation goes on where it waited for something: what was to be fetched has come, and is answered with.

The call is made once more, now answered from what was kept, in a turn that a notice begins. Where a chat model talks,
it reads the result and answers; else the result itself is the answer, as it would have been with a network.
"""

from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import replace
from typing import Protocol

from agent.loop.errand import Trail
from agent.loop.fitting import result_room
from agent.loop.freshness import dated
from agent.loop.ports import Intended, Ports, Request, Situation
from agent.loop.prompt import PROMPT_VERSION
from agent.loop.talk import Talk
from agent.loop.talking import Said, go_on
from agent.loop.turn import play
from agent.protocol.events import CallSettled, Event
from agent.protocol.records import AnswerLabel, Call, Message, Outcome
from agent.tools.registry import Registry
from agent.tools.spec import Connectivity
from sync.errors import SyncError
from sync.item import Item
from sync.states import State


class Threads(Protocol):
    def waiting_calls(self, tools: Collection[str]) -> tuple[Call, ...]: ...

    def begin_fetched(self, call_id: str, words: str) -> Message | None: ...


class Items(Protocol):
    def newest(self, item_id: str) -> Item: ...


class Resuming:
    """`config_hash()`: of the settings in force."""

    def __init__(
        self, threads: Threads, items: Items, registry: Registry, ports: Ports, config_hash: Callable[[], str]
    ) -> None:
        self._threads = threads
        self._items = items
        self._registry = registry
        self._ports = ports
        self._config_hash = config_hash

    def come(self, item_id: str = "") -> Iterator[Call]:
        """Calls that waited for what has come since, oldest first; of this item only, if one is named. Only what was to
        be read is read on with; what was to be sent is done when it is delivered."""
        specs = self._registry.specs()
        for call in self._threads.waiting_calls([it.name for it in specs if it.connectivity is Connectivity.ONLINE]):
            item = self._come_for(call)
            if item and item_id in ("", call.outbox_id, item.id):
                yield replace(call, args=item.args)  # as they were last edited

    def go_on(self, waited: Call, cause: str) -> Iterator[Event]:
        """Nothing where another process has gone on already, or the thread was reset."""
        words = self._ports.voice.reply("fetched", {**waited.args, "tool": waited.tool})
        asked = self._threads.begin_fetched(waited.id, words)
        if asked is None:
            return
        request = Request(words, asked.conversation_id, cause=cause, approve=True, kept_only=True)
        rules = AnswerLabel("rules", "", "", "", PROMPT_VERSION, self._config_hash(), None, None, None)
        yield from play(asked, _answered(asked, waited, request, self._ports, rules), request, self._ports)

    def _come_for(self, call: Call) -> Item | None:
        """What was delivered; nothing for a call whose place another one took."""
        if Trail.of(call).replaced_by:
            return None
        try:
            item = self._items.newest(call.outbox_id or "")
        except SyncError:  # the outbox was emptied
            return None
        return item if item.state is State.DELIVERED else None


def _answered(
    asked: Message, waited: Call, request: Request, ports: Ports, rules: AnswerLabel
) -> Generator[Event, None, Said]:
    """`asked`: the notice that begins the turn; `rules`: what made an answer without a model."""
    deed = ports.hands.act(asked.turn_id, asked.conversation_id, Intended(waited.tool, dict(waited.args)), request)
    yield CallSettled(cause=request.cause, turn_id=asked.turn_id, call=deed.call, item=deed.item)
    if not ports.mind.talks():
        return ports.voice.acted([deed]), Outcome.CALLED, dated(rules, [deed]), deed.question
    # The yes was to the call that waited. What the model wants now that it has read the answer is asked about anew.
    talk = Talk(asked, replace(request, approve=False, kept_only=False), Situation(), ports)
    talk.take(deed, ports.brief.told(deed.call, result_room(ports.mind.window())))
    return (yield from go_on(talk))
