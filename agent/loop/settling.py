"""Stores what came of a call: its row, its outbox item and its words, the question that it leaves, and the earlier
calls that changed with it. All on the caller's transaction, so that they are there together or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Protocol

from agent.errors import BadRequestError, CarryonError
from agent.library.recording import STEPS_MAX, RecordedLibrary
from agent.library.sources import tidy
from agent.loop.copies import Outbox, put_out
from agent.loop.errand import Errand, Trail
from agent.loop.links import needs, refuse_any
from agent.loop.ports import Acted, Intended
from agent.loop.questions import of_tool
from agent.loop.taking_back import Change
from agent.protocol.records import Call, CallStatus, Question
from agent.tools.origins import blamed, origin
from agent.tools.registry import Registry
from agent.tools.results import Deferred, Done, NeedsClarification, Proposed, Result
from sync.intent import Intent, Need
from sync.item import Item

NOTHING: Mapping[str, Any] = MappingProxyType({})


class DecidedBeforeError(BadRequestError):
    """This was decided before."""


class Calls(Protocol):
    """Where call rows are kept."""

    def add_call(self, call: Call) -> None: ...

    def call(self, call_id: str) -> Call: ...

    def item_of(self, conversation_id: str, begins: str) -> str | None: ...

    def settle_call(
        self, call_id: str, status: CallStatus, result: str | None = None, facts: Mapping[str, Any] | None = None,
        artifact_id: str | None = None, outbox_id: str | None = None,
    ) -> Call: ...  # fmt: skip


class Wording(Protocol):
    def confirm(self, tool: str, facts: Mapping[str, Any], status: str = "done") -> str: ...

    def ask(self, ask: str, facts: Mapping[str, Any], choices: Sequence[str] = ()) -> str: ...

    def why(self, reason: str, facts: Mapping[str, Any] | None = None) -> str: ...


class Settling:
    """`words` says in the user's tone what came of a call; `change` writes settings that the user said yes to."""

    def __init__(self, calls: Calls, outbox: Outbox, registry: Registry, words: Wording, change: Change) -> None:
        self._calls = calls
        self._outbox = outbox
        self._registry = registry
        self._words = words
        self._change = change

    def stored(self, call_id: str) -> Call | None:
        """None: there is none, or its conversation was reset since."""
        try:
            return self._calls.call(call_id)
        except CarryonError:
            return None

    def undecided(self, call_id: str) -> Call:
        """The proposal as the disk has it now; on a transaction nobody else decides it meanwhile."""
        call = self._calls.call(call_id)
        if call.status is not CallStatus.PROPOSED:
            raise DecidedBeforeError(where=call.tool)
        return call

    def read_before(self, intended: Intended) -> tuple[str, ...]:
        """Before it, or before the call that it completes or is about: its words may be in this one."""
        about = [call for call in (self.stored(intended.answers), intended.earlier) if call]
        return tidy((*intended.read_before, *(source for call in about for source in Trail.of(call).read_before)))

    def refuse(self, call: Call, why: str, facts: Mapping[str, Any] = NOTHING) -> Acted:
        return self.store(replace(call, status=CallStatus.REFUSED, facts={**facts, "why": why}))

    def accept(self, call: Call) -> Call:
        """A proposed change of the settings that the user said yes to: made, and said so."""
        was = self._change({str(call.facts["key"]): call.facts["value"]})
        facts = {**call.facts, **replace(Trail.of(call), was=dict(was)).facts()}
        return self.worded(replace(call, status=CallStatus.DONE, facts=facts))

    def settle(self, errand: Errand, result: Result) -> Acted:
        """Store what came of it, on the caller's transaction."""
        call, trail = errand.call, self._trail(errand)
        item: Item | None = None
        asked: Question | None = None
        asks = ""
        match result:
            case Done(facts, artifact_id, copy):
                refuse_any(call.tool, call.args)
                settled = replace(call, status=CallStatus.DONE, facts=dict(facts), artifact_id=artifact_id)
                if copy:
                    item, said, made_room = put_out(self._outbox, errand, copy)
                    settled = replace(settled, outbox_id=item.id, facts={**facts, **said})
                    trail = replace(trail, made_room=made_room)
                trail = replace(trail, brought=self._brought(errand, facts))
            case Deferred(intent, facts):
                marked = replace(
                    intent, sources=tidy((*intent.sources, *errand.read_before)), needs=self._needs(errand, intent)
                )
                item = self._outbox.enqueue(marked, approval=errand.approval)
                status = CallStatus.WAITING if errand.approval else CallStatus.QUEUED
                settled = replace(call, status=status, facts=dict(facts), outbox_id=item.id)
            case Proposed(key, value, facts):
                proposed = replace(call, facts={**facts, "key": key, "value": value})
                settled = self.accept(proposed) if errand.approved else proposed
                trail = replace(trail, was=Trail.of(settled).was)
            case NeedsClarification(ask, facts, choices):
                asks, trail = ask, Trail(read_before=errand.read_before)
                settled = replace(call, facts={**facts, "ask": ask, "choices": list(choices)})
                earlier = errand.earlier.id if errand.earlier else ""
                asked = of_tool(result, settled, self._registry.get(call.tool), earlier)
        lead = {"lead": errand.lead} if errand.lead and not asks else {}
        settled = replace(settled, facts={**settled.facts, **lead, **trail.facts()})
        also = self.settle_others(errand, settled.id, done=not asks)
        return replace(self.store(settled, item, asks, stored=errand.stored), question=asked, also=also)

    def _needs(self, errand: Errand, intent: Intent) -> tuple[Need, ...]:
        place = errand.context.conversation_id
        return needs(intent, lambda begins: self._calls.item_of(place, begins) if place else None)

    def _trail(self, errand: Errand) -> Trail:
        """What the call leaves for a later follow-up; too long a list of steps is none that can be promised."""
        library, earlier = errand.context.library, errand.earlier
        steps = tuple(library.steps) if isinstance(library, RecordedLibrary) else ()
        return Trail(
            undo=steps if len(steps) <= STEPS_MAX else (), instead_of=earlier.id if earlier else "",
            without=errand.context.without, read_before=errand.read_before,
        )  # fmt: skip

    def failed(self, errand: Errand) -> Trail:
        """Of a call that came to nothing: why it did not is told in words that may be a stranger's."""
        said = blamed(self._registry.get(errand.call.tool), errand.call.args)
        return Trail(brought=tidy((said,)), read_before=errand.read_before)

    def _brought(self, errand: Errand, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Whose words came back from it: of a page, a file, a program, or of such that were kept in the library."""
        library = errand.context.library
        kept = library.brought() if isinstance(library, RecordedLibrary) else ()
        return tidy((origin(self._registry.get(errand.call.tool), facts), *kept))

    def settle_others(self, errand: Errand, call_id: str, *, done: bool) -> tuple[Call, ...]:
        """The stored call whose question is answered, and the one whose place was taken; on the same transaction."""
        also: list[Call] = []
        if asked := self.stored(errand.answers):
            also.append(self._calls.settle_call(asked.id, asked.status, None, {**asked.facts, "answered": True}))
        if done and errand.earlier and (earlier := self.stored(errand.earlier.id)):
            trail = replace(Trail.of(earlier), replaced_by=call_id)
            also.append(self._calls.settle_call(earlier.id, earlier.status, None, {**earlier.facts, **trail.facts()}))
        return tuple(also)

    def store(self, call: Call, item: Item | None = None, asks: str = "", *, stored: bool = False) -> Acted:
        """With `stored` on the caller's transaction: the row says what became of a proposal together with its effect,
        and of two that decide one the second is refused."""
        worded = self.worded(call, asks)
        if stored:
            self.undecided(worded.id)
            worded = self._calls.settle_call(
                worded.id, worded.status, worded.result, worded.facts, worded.artifact_id, worded.outbox_id
            )
        else:
            self._calls.add_call(worded)
        return Acted(worded, item, asks)

    def worded(self, call: Call, asks: str = "") -> Call:
        if asks:
            return replace(call, result=self._words.ask(asks, call.facts, call.facts["choices"]))
        facts = call.facts if set(call.facts) - {"trail", "lead"} else {**call.args, **call.facts}
        return replace(call, result=self._words.confirm(call.tool, facts, call.status.value))
