"""What a request is read together with: what was just done or asked in its conversation, the names that the user has,
and the cards of tools that the starter was not trained on. Cheap, because every request pays for it: one query for the
turns before, one for the titles.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from agent.agentrc.settings import Settings
from agent.conversation.turns import Made
from agent.errors import CarryonError
from agent.loop.copies import is_copied
from agent.loop.errand import CHANGED_IN_PLACE, Trail
from agent.loop.ports import Request, Situation
from agent.protocol.records import Artifact, Call, CallStatus, Message
from agent.tools.registry import Registry
from models.contracts import KNOWN_NAMES_MAX, TOOL_CARDS_MAX, CardArgument, ToolCard
from models.starter.vocabulary import TOOLS
from sync.errors import SyncError
from sync.item import Item

NAMES_UNSORTED_MAX = 300
TEXT_LOOKED_AT_MAX = 100_000  # characters; the model itself looks at less
Names = tuple[tuple[str, str], ...]
TURNS_BACK_MAX = 2  # further back than the last one; what is older is not what "make that Monday" is about


class Turns(Protocol):
    def made_before(self, conversation_id: str, turn_id: str = "", *, limit: int) -> tuple[Made, ...]: ...

    def call(self, call_id: str) -> Call: ...


class Titles(Protocol):
    def titles(self, limit: int) -> tuple[str, ...]: ...

    def get(self, artifact_id: str) -> Artifact: ...


class Items(Protocol):
    def newest(self, item_id: str) -> Item: ...


class StoredRecall:
    """Over the profile's own parts. `settings()` are those in force."""

    def __init__(
        self, turns: Turns, library: Titles, items: Items, registry: Registry, settings: Callable[[], Settings]
    ) -> None:
        self._turns = turns
        self._library = library
        self._items = items
        self._registry = registry
        self._settings = settings

    def situation(self, request: Request, asked: Message) -> Situation:
        before = request.imagined or self._before(request.conversation_id or asked.conversation_id, asked.turn_id)
        known = before.known or told(request.text, tuple(islice(self._names(), KNOWN_NAMES_MAX)))
        return replace(before, known=known, tools=self._cards())

    def _before(self, conversation_id: str, turn_id: str) -> Situation:
        if not conversation_id:
            return Situation()
        turns = self._turns.made_before(conversation_id, turn_id, limit=TURNS_BACK_MAX + 1)
        question = turns[0].question if turns else None
        calls = self._latest(turns)
        replaced = self._stored(question.instead_of) if question and question.instead_of else None
        return Situation(tuple(map(self._as_it_is, calls)), question, replaced)

    def _stored(self, call_id: str) -> Call | None:
        try:
            return self._as_it_is(self._turns.call(call_id))
        except CarryonError:  # reset since: the answer makes a call of its own
            return None

    def _latest(self, turns: Sequence[Made]) -> tuple[Call, ...]:
        """The calls of the latest turn that made any. Where "undo that" is answered again, what it took back hides what
        is older: else the one before would be taken back too."""
        for turn in turns:
            if made := tuple(filter(self._stands, turn.calls)):
                return made
            if any(call.status is CallStatus.UNDONE and self._follower_is_gone(call) for call in turn.calls):
                break
        return ()

    def _stands(self, call: Call) -> bool:
        """It was made, and neither a question nor taken back nor replaced since."""
        if call.facts.get("ask") or call.status in (CallStatus.UNDONE, CallStatus.REFUSED):
            return False
        return not Trail.of(call).replaced_by or self._follower_is_gone(call)

    def _follower_is_gone(self, call: Call) -> bool:
        """The message that changed it or took it back was edited, or is answered again."""
        follower = Trail.of(call).replaced_by
        return bool(follower) and self._stored(follower) is None

    def _as_it_is(self, call: Call) -> Call:
        """As the user may have changed it since: with the arguments of its item, with the name of its work."""
        try:
            if call.outbox_id and not is_copied(call):
                return replace(call, args=self._items.newest(call.outbox_id).args)
            if call.tool in CHANGED_IN_PLACE and call.artifact_id:
                return _named(call, self._library.get(call.artifact_id).title)
        except (SyncError, CarryonError):  # the outbox was emptied, the work deleted for good
            return call
        return call

    def _names(self) -> Iterator[tuple[str, str]]:
        settings = self._settings()
        yield from (("contact", name) for name in settings.contacts)
        yield from (("channel", name) for name in settings.channels)
        for name, tracker in settings.trackers.items():
            yield "project", name
            if tracker.project:
                yield "project", tracker.project
        yield from (("title", title) for title in self._library.titles(KNOWN_NAMES_MAX))

    def _cards(self) -> tuple[ToolCard, ...]:
        strangers = (spec for spec in self._registry.specs() if spec.name not in TOOLS)
        return tuple(
            ToolCard(spec.name, spec.about, tuple(CardArgument(p.name, p.about, p.required) for p in spec.params))
            for spec in islice(strangers, TOOL_CARDS_MAX)
        )


def told(text: str, names: Names) -> Names:
    """All names where they are few; of many only those that can stand in the request, because the others would be
    carried to the model for nothing (5,000 of them cost 80 ms, and 5 ms to sort out here)."""
    if len(names) <= NAMES_UNSORTED_MAX:
        return names
    said = set(_words(text[:TEXT_LOOKED_AT_MAX]))
    return tuple((kind, name) for kind, name in names if any(word in said for word in _words(name[:200])[:1]))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _named(call: Call, title: str) -> Call:
    renamed = title != call.facts.get("title", title)
    return replace(call, args={**call.args, "title": title}) if renamed else call
