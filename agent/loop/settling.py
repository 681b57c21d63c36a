"""Stores what came of a call: its row, its outbox item and its words, the question that it leaves, and the earlier
calls that changed with it. All on the caller's transaction, so that they are there together or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from agent.tools.spec import SERVER, Idempotency
from sync.errors import SyncError
from sync.intent import Intent, Need
from sync.item import Item

NOTHING: Mapping[str, Any] = MappingProxyType({})
SIGN_IN = "sign_in"  # among the facts of a call


class DecidedBeforeError(BadRequestError):
    """This was decided before."""


@dataclass(frozen=True, slots=True)
class _Came:
    """What a result makes of a call; `asks`, `question`: as of `Acted`."""

    call: Call
    trail: Trail
    item: Item | None = None
    asks: str = ""
    question: Question | None = None


class Calls(Protocol):
    """Where call rows are kept."""

    def add_call(self, call: Call) -> None: ...

    def call(self, call_id: str) -> Call: ...

    def begun(self) -> tuple[Call, ...]: ...

    def doubted(self, conversation_id: str, tool: str) -> Sequence[Mapping[str, Any]]: ...

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

    def undecided(self, seen: Call) -> Call:
        """The call as the disk has it now, where it stands as it was seen; on a transaction nobody else decides it
        meanwhile."""
        call = self._calls.call(seen.id)
        if call.status is not seen.status or call.tries != seen.tries:
            raise DecidedBeforeError(where=call.tool)
        return call

    def is_doubted(self, errand: Errand) -> bool:
        """Whether the very same may have been done here before, and the user has not said so or not yet."""
        place = errand.context.conversation_id
        return bool(place) and errand.call.args in self._calls.doubted(str(place), errand.call.tool)

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
        match result:
            case Done():
                came = self._done(errand, result)
            case Deferred():
                came = self._deferred(errand, result)
            case Proposed():
                came = self._proposed(errand, result)
            case NeedsClarification():
                came = self._asked(errand, result)
        lead = {"lead": errand.lead} if errand.lead and not came.asks else {}
        settled = replace(came.call, facts={**came.call.facts, **lead, **came.trail.facts()})
        also = self.settle_others(errand, settled.id, done=not came.asks)
        return replace(self._stored(errand, settled, came.item, came.asks), question=came.question, also=also)

    def _done(self, errand: Errand, result: Done) -> "_Came":
        call, facts = errand.call, dict(result.facts)
        refuse_any(call.tool, call.args)
        trail = replace(self._trail(errand), brought=self._brought(errand, facts))
        settled = replace(call, status=CallStatus.DONE, facts=facts, artifact_id=result.artifact_id)
        if result.copy is None:
            return _Came(settled, trail)
        item, said, made_room = put_out(self._outbox, errand, result.copy)
        settled = replace(settled, outbox_id=item.id, facts={**facts, **said})
        return _Came(settled, replace(trail, made_room=made_room), item)

    def _deferred(self, errand: Errand, result: Deferred) -> "_Came":
        sources = tidy((*result.intent.sources, *errand.read_before))
        marked = replace(result.intent, sources=sources, needs=self._needs(errand, result.intent))
        item = self._outbox.enqueue(marked, approval=errand.approval)
        status = CallStatus.WAITING if errand.approval else CallStatus.QUEUED
        settled = replace(errand.call, status=status, facts=dict(result.facts), outbox_id=item.id)
        return _Came(settled, self._trail(errand), item)

    def _proposed(self, errand: Errand, result: Proposed) -> "_Came":
        proposed = replace(errand.call, facts={**result.facts, "key": result.key, "value": result.value})
        settled = self.accept(proposed) if errand.approved else proposed
        return _Came(settled, replace(self._trail(errand), was=Trail.of(settled).was))

    def _asked(self, errand: Errand, result: NeedsClarification) -> "_Came":
        facts = {**result.facts, "ask": result.ask, "choices": list(result.choices)}
        settled = replace(errand.call, facts=facts)
        earlier = errand.earlier.id if errand.earlier else ""
        question = of_tool(result, settled, self._registry.get(settled.tool), earlier)
        return _Came(settled, Trail(read_before=errand.read_before), asks=result.ask, question=question)

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

    def fail(self, errand: Errand, error: CarryonError | SyncError, *, unsure: bool = False) -> Acted:
        """Store that it came to nothing, on the caller's transaction. `unsure`: it may have been done all the same; so
        it may where an earlier try is in doubt. Why is told in words that may be a stranger's."""
        call = errand.call
        unsure = unsure or call.status is CallStatus.UNKNOWN
        said = blamed(self._registry.get(call.tool), call.args)
        trail = Trail(brought=tidy((said,)), read_before=errand.read_before)
        if unsure:
            trail = replace(errand.trail(), brought=trail.brought, tries=call.tries + bool(errand.begun_by))
        why = " ".join(part for part in (error.what, error.todo) if part)
        facts = {
            **call.args, **self._recognised(call), "why": why, "where": error.where, **_sign_in(error), **trail.facts()
        }  # fmt: skip
        status = CallStatus.UNKNOWN if unsure else CallStatus.FAILED
        also = self.settle_others(errand, call.id, done=True) if unsure else ()
        return replace(self._stored(errand, replace(call, status=status, facts=facts)), also=also)

    def leave(self, call: Call) -> Call:
        """It was begun, and who began it is gone: it may have been done. On the caller's transaction."""
        facts = {**call.args, **self._recognised(call), **Trail.of(call).facts()}
        return self.write(replace(call, status=CallStatus.UNKNOWN, facts=facts), is_there=True)

    def _recognised(self, call: Call) -> Mapping[str, str]:
        """Who knows a repeat by its key, so that doing it again does it once."""
        spec = self._registry.get(call.tool) if self._registry.has(call.tool) else None
        keyed = spec is not None and spec.acts_here and spec.idempotency is Idempotency.KEY
        return {"recognised": spec.module.removeprefix(SERVER)} if spec and keyed else {}

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

    def store(self, call: Call, item: Item | None = None, asks: str = "") -> Acted:
        return Acted(self.write(call, asks), item, asks)

    def _stored(self, errand: Errand, call: Call, item: Item | None = None, asks: str = "") -> Acted:
        """The row says what became of a proposal together with its effect, and of two that decide one the second is
        refused. Of what was begun it says what came of it, unless the user has said that meanwhile."""
        if errand.begun_by:
            kept = self._calls.call(call.id)
            waits = kept.status in (CallStatus.BEGUN, CallStatus.UNKNOWN)
            if not waits or Trail.of(kept).begun_by != errand.begun_by:
                return Acted(kept)
        elif errand.stored:
            self.undecided(errand.call)
        return Acted(self.write(call, asks, is_there=errand.stored or bool(errand.begun_by)), item, asks)

    def write(self, call: Call, asks: str = "", *, is_there: bool = False) -> Call:
        """The row, with its words."""
        worded = self.worded(call, asks)
        if not is_there:
            self._calls.add_call(worded)
            return worded
        return self._calls.settle_call(
            worded.id, worded.status, worded.result, worded.facts, worded.artifact_id, worded.outbox_id
        )

    def worded(self, call: Call, asks: str = "") -> Call:
        if asks:
            return replace(call, result=self._words.ask(asks, call.facts, call.facts["choices"]))
        facts = call.facts if set(call.facts) - {"trail", "lead"} else {**call.args, **call.facts}
        return replace(call, result=self._words.confirm(call.tool, facts, call.status.value))


def _sign_in(error: CarryonError | SyncError) -> Mapping[str, str]:
    """The server at which the user has to sign in first, where that is why it failed."""
    server = str(getattr(error, "sign_in", ""))
    return {SIGN_IN: server} if server else {}
