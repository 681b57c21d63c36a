"""Carries out what is about an earlier call: changes it, takes it back, or finds the other thing of that name.

What still waits in the outbox is edited there; work of this machine is changed in its place, or taken back and done
again in one transaction; what has been delivered stays, and a new item waits for the user's yes. A call that follows
none goes to the plain hands.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from agent.errors import CarryonError
from agent.library.errors import NoArtifactError
from agent.loop.copies import Outbox, basis_of_edit, is_copied, leaves_now
from agent.loop.errand import CHANGED_IN_PLACE, Errand, Trail
from agent.loop.hands import Hands, recorded
from agent.loop.links import refuse_new
from agent.loop.ports import Acted, Intended, Request, Way
from agent.loop.settling import Calls, Wording
from agent.loop.taking_back import IN_DOUBT, TOO_LATE, CannotTakeBackError, TakingBack
from agent.protocol.commands import new_id
from agent.protocol.records import Call, CallStatus
from agent.store import transaction
from agent.tools.context import ToolContext
from agent.tools.registry import Registry
from agent.tools.results import Deferred, NeedsClarification
from sync.errors import SyncError
from sync.item import Item
from sync.states import NEVER_SENT, State

WITHOUT_MAX = 200  # things found before that a chain of "no, the other one" remembers
STANDS = {State.WAITING_APPROVAL: CallStatus.WAITING, State.QUEUED: CallStatus.QUEUED, State.FAILED: CallStatus.QUEUED}


class Items(Outbox, Protocol):
    """Of the outbox, what is done to an item that is there."""

    def get(self, item_id: str) -> Item: ...

    def approve(self, item_id: str) -> Item: ...

    def retry(self, item_id: str) -> Item: ...

    def edit(
        self, item_id: str, args: Mapping[str, Any] | None = None, payload: Mapping[str, Any] | None = None,
        sentence: str | None = None, destination: str | None = None, *, asks: bool = False,
        sources: tuple[str, ...] = (), basis: Mapping[str, Any] | None = None,
    ) -> Item: ...  # fmt: skip


class FollowUps:
    """The same port as `Hands`, in front of them."""

    def __init__(
        self, connection: sqlite3.Connection, hands: Hands, registry: Registry, calls: Calls, items: Items,
        words: Wording, taking_back: TakingBack,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._hands = hands
        self._settling = hands.settling
        self._registry = registry
        self._calls = calls
        self._items = items
        self._words = words
        self._taking_back = taking_back

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted:
        begun = Call(new_id(), turn_id, call.tool, dict(call.args), CallStatus.PROPOSED)
        if call.earlier and call.way is Way.UNDO and request.dry_run:
            would = {**_told(call.earlier), "would": True}
            return Acted(self._settling.worded(replace(begun, status=CallStatus.UNDONE, facts=would)))
        if call.earlier is None or call.way is Way.NEW or request.dry_run:
            return self._hands.act(turn_id, conversation_id, call, request)
        context = replace(self._hands.context(request, conversation_id, begun), target=call.target)
        try:
            before = self._settling.read_before(call)
            if call.way is Way.UNDO:
                return self._undo(begun, call.earlier, context, before)
            if refused := self._hands.forbidden(begun, before):
                return refused
            errand = Errand(
                begun, context, approved=request.approve and not before, earlier=call.earlier, answers=call.answers,
                unsaid=call.unsaid, read_before=before,
            )  # fmt: skip
            return self._other(errand) if call.way is Way.OTHER else self._amend(errand, call.earlier)
        except (CarryonError, SyncError) as error:
            why = " ".join(part for part in (error.what, error.todo) if part)
            return self._settling.refuse(begun, why, begun.args)

    # Taking back

    def _undo(self, begun: Call, earlier: Call, context: ToolContext, before: tuple[str, ...]) -> Acted:
        """What a model has read takes back nothing but work in the library."""
        if before and (earlier.outbox_id or Trail.of(earlier).was):
            why = self._words.why("read_before", {"source": before[-1]})
            return self._settling.refuse(begun, why, {**earlier.args, "stays": True})
        try:
            with transaction(self._connection):
                facts, item = self._taking_back.take_back(earlier, recorded(context))
                if facts.get("lead") == "copy_stays":
                    facts, item = self._followed(facts, earlier, context)
                acted = self._store_undone(begun, earlier, facts, item)
                if is_copied(earlier):  # its own copy may have been told of what was done since
                    self._follow(earlier, context)
                return acted
        except CannotTakeBackError as error:
            return self._settling.refuse(begun, self._words.why(error.why), {**earlier.args, "stays": True})

    def _follow(self, earlier: Call, context: ToolContext) -> Item | None:
        from agent.outbox.following import follow

        return follow(self._items, context, earlier.artifact_id or "")

    def _followed(
        self, facts: dict[str, Any], earlier: Call, context: ToolContext
    ) -> tuple[dict[str, Any], Item | None]:
        """A copy that has left, or of which nobody knows, is told how the work stands here now."""
        item = self._follow(earlier, context)
        if item is None:
            return facts, None
        if item.state is State.CANCELLED:  # as it is there, it is right
            return {name: value for name, value in facts.items() if name != "lead"}, None
        return {**facts, "lead": "copy_follows"}, item

    def _store_undone(self, begun: Call, earlier: Call, facts: Mapping[str, Any], item: Item | None) -> Acted:
        before = Trail.of(earlier)
        undone = replace(
            begun, status=CallStatus.UNDONE, outbox_id=item.id if item else None, artifact_id=earlier.artifact_id,
            facts={**_told(earlier), **facts, **Trail(instead_of=earlier.id).facts()},
        )  # fmt: skip
        trail = replace(before, replaced_by=undone.id)
        also = [self._calls.settle_call(earlier.id, CallStatus.UNDONE, "", {**earlier.facts, **trail.facts()})]
        if before.instead_of:  # the change is taken back: what it had changed stands again
            own = facts.get("lead") != "copy_follows"  # and no other that came after it
            cancelled = own and item is not None and item.state is State.CANCELLED
            also += self._stands_again(before.instead_of, item if before.made_room and cancelled else None)
        acted = self._settling.store(undone, item)
        return replace(acted, also=tuple(also))

    def _stands_again(self, call_id: str, instead: Item | None) -> list[Call]:
        """`instead`: for which its copy had made room, and which was cancelled now; the copy waits or leaves as before,
        and others wait for it as before."""
        call = self._settling.stored(call_id)
        if call is None or (call.outbox_id and not is_copied(call)):
            return []
        if instead and call.outbox_id and (copy := self._items.newest(call.outbox_id)).state is State.CANCELLED:
            self._items.retry(copy.id)
            self._items.hand_over(instead.id, copy.id)
        facts = {name: value for name, value in call.facts.items() if name != "trail"}
        return [
            self._calls.settle_call(
                call.id, call.status, None, {**facts, **replace(Trail.of(call), replaced_by="").facts()}
            )
        ]

    # Changing

    def _amend(self, errand: Errand, earlier: Call) -> Acted:
        if earlier.status in IN_DOUBT:
            return self._settling.refuse(errand.call, self._words.why("unsure_here"), errand.call.args)
        if earlier.outbox_id and not is_copied(earlier):
            return self._amend_item(errand, self._items.newest(earlier.outbox_id))
        if is_copied(earlier) and leaves_now(self._items, earlier):
            return self._settling.refuse(errand.call, self._words.why(TOO_LATE[State.SENDING]), errand.call.args)
        if earlier.status is CallStatus.PROPOSED and not earlier.facts.get("ask"):
            dropped = self._calls.settle_call(earlier.id, CallStatus.UNDONE, "", None)  # it never was in force
            return replace(self._hands.run_by_rule(replace(errand, earlier=None)), also=(dropped,))
        if errand.call.tool in CHANGED_IN_PLACE and not errand.context.target and self._is_there(earlier, errand):
            within = replace(errand.context, target=str(earlier.artifact_id))
            return self._hands.run_by_rule(replace(errand, context=within, lead="changed"))
        undoes = bool(Trail.of(earlier).undo)
        return self._hands.run_by_rule(replace(errand, takes_back=undoes, lead="changed" if undoes else ""))

    @staticmethod
    def _is_there(earlier: Call, errand: Errand) -> bool:
        try:
            return errand.context.library.get(earlier.artifact_id or "").trashed_at is None
        except NoArtifactError:
            return False

    def _amend_item(self, errand: Errand, item: Item) -> Acted:
        if item.state is State.DELIVERED:
            return self._anew(replace(errand, lead="anew"))
        if item.state is State.CANCELLED:
            return self._hands.run_by_rule(errand)
        if item.state in TOO_LATE:
            why = self._words.why(TOO_LATE[item.state])
            return self._settling.refuse(errand.call, why, errand.call.args)
        if not self._hands.leaves_machine(errand.call.tool):
            return self._in_its_place(errand, item)
        return self._edit_item(errand, item)

    def _anew(self, errand: Errand) -> Acted:
        """What was delivered stays. A new item waits for a yes; what makes none goes by the rule."""
        if not self._hands.leaves_machine(errand.call.tool):
            return self._hands.run_by_rule(errand)
        return self._hands.run(replace(errand, approval=True, approved=False))

    def _edit_item(self, errand: Errand, item: Item) -> Acted:
        errand.context.library.read_before = errand.read_before
        result = self._registry.call(errand.call.tool, errand.call.args, errand.context)
        with transaction(self._connection):
            if isinstance(result, Deferred):
                return self._edited(errand, item, result)
            if isinstance(result, NeedsClarification):
                return self._settling.settle(errand, result)
            self._items.cancel(item.id)  # what waited for the network has been done without it
            return self._settling.settle(errand, result)

    def _in_its_place(self, errand: Errand, item: Item) -> Acted:
        """What waited for the network is not asked for any more; the changed call goes the way of any other, with a
        yes where the rule wants one. Where nothing comes of it, the first waits on."""
        self._items.cancel(item.id)
        acted = self._hands.run_by_rule(replace(errand, lead="changed"))
        if item.state in NEVER_SENT and (acted.asks or acted.call.status is CallStatus.FAILED):
            self._items.retry(item.id)
        return acted

    def _edited(self, errand: Errand, item: Item, result: Deferred) -> Acted:
        """By the outbox's own edit, with its rules. A yes was to the words before: where the settings want one, it is
        asked for again."""
        intent = result.intent
        refuse_new(item, intent)
        edited = self._items.edit(
            item.id, intent.args, intent.payload, intent.sentence, intent.destination, asks=self._hands.asks(errand),
            sources=errand.read_before, basis=basis_of_edit(item, intent),
        )  # fmt: skip
        if edited.state is State.WAITING_APPROVAL and errand.approved:
            edited = self._items.approve(edited.id)
        trail = Trail(instead_of=errand.earlier.id if errand.earlier else "", read_before=errand.read_before)
        changed = replace(
            errand.call, status=STANDS.get(edited.state, CallStatus.WAITING), outbox_id=edited.id,
            facts={**result.facts, "lead": "changed", **trail.facts()},
        )  # fmt: skip
        also = self._settling.settle_others(errand, changed.id, done=True)
        return replace(self._settling.store(changed, edited), also=also)

    # The other one of that name

    def _other(self, errand: Errand) -> Acted:
        assert errand.earlier is not None
        chosen = _found(errand.earlier)
        without = (*Trail.of(errand.earlier).without, *chosen)[-WITHOUT_MAX:]
        context = replace(errand.context, without=without)
        return self._hands.run_by_rule(replace(errand, context=context, takes_back=True, other=True))


def _found(call: Call) -> tuple[str, ...]:
    """Ids, or paths, of what the call took its words to mean."""
    rows = call.facts.get("found") or ()
    shown = tuple(str(row.get("id") or row.get("path")) for row in rows if isinstance(row, Mapping))
    path = (str(call.facts["path"]),) if "path" in call.facts else ()
    return (*((call.artifact_id,) if call.artifact_id else ()), *shown, *path)


def _told(call: Call) -> dict[str, Any]:
    """What the words about a call are made of: its arguments and what it found, without texts that it showed."""
    left_out = {"trail", "lead", "text", "found", "ask", "choices", "expires", "lacks"}
    return {**call.args, **{name: value for name, value in call.facts.items() if name not in left_out}}
