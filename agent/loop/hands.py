"""Carries out one call: the user's rule, the tool, then call row and outbox row in one transaction.

Nothing leaves this machine from here; what is meant for elsewhere becomes an outbox item. A tool that waits for the
network or reads the disk runs before the transaction, so that it never holds the database's write lock. What a call
takes the place of is taken back in the transaction that stores it.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.errors import BadRequestError, CarryonError
from agent.library.recording import RecordedLibrary
from agent.loop.ahead import Ahead
from agent.loop.errand import Errand, Trail
from agent.loop.links import refuse_any
from agent.loop.ports import Acted, Intended, Request
from agent.loop.questions import of_tool
from agent.loop.settling import DecidedBeforeError, Settling, Wording
from agent.loop.taking_back import CannotTakeBackError, TakingBack
from agent.protocol.commands import new_id
from agent.protocol.records import Call, CallStatus
from agent.store import transaction
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError
from agent.tools.origins import OWN, stays_here
from agent.tools.registry import Registry
from agent.tools.results import Done, NeedsClarification, Result
from agent.tools.spec import Connectivity, Touches
from sync.errors import SyncError

Context = Callable[[Request, str, str, str], ToolContext]  # request, conversation id, turn id, call id


class Hands:
    """`context` gives a tool what it may touch; `rule` is the user's for a tool; `settling` stores what came of it."""

    def __init__(
        self, connection: sqlite3.Connection, registry: Registry, context: Context, words: Wording,
        rule: Callable[[str, bool], str], taking_back: TakingBack, settling: Settling, ahead: Ahead,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._registry = registry
        self._context = context
        self._words = words
        self._rule = rule
        self._taking_back = taking_back
        self.settling = settling
        self.ahead = ahead

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted:
        begun = Call(new_id(), turn_id, call.tool, dict(call.args), CallStatus.PROPOSED)
        if request.dry_run:
            return Acted(self.settling.worded(begun))
        if call.wrong:
            return self.settling.refuse(begun, call.wrong, begun.args)
        before = self.settling.read_before(call)
        if refused := self.forbidden(begun, before):
            return refused
        context = replace(self._context(request, conversation_id, turn_id, begun.id), target=call.target)
        # A yes that was given beforehand is none to what came of strangers' words.
        approved = request.approve and not before
        return self.run_by_rule(
            Errand(begun, context, approved=approved, answers=call.answers, unsaid=call.unsaid, read_before=before)
        )

    def context(self, request: Request, conversation_id: str, call: Call) -> ToolContext:
        return self._context(request, conversation_id, call.turn_id, call.id)

    def forbidden(self, call: Call, read_before: tuple[str, ...] = ()) -> Acted | None:
        """A call that is refused whatever it says: of a tool that is not there, or that the settings deny; or a change
        of the settings by a model that has read what nobody here wrote."""
        if not self._registry.has(call.tool):
            return self.settling.refuse(call, self._words.why("no_tool", {"tool": call.tool}))
        if self._rule(call.tool, self._registry.get(call.tool).is_outside) == "deny":
            return self.settling.refuse(call, self._words.why("denied", {"tool": call.tool}), {"denied": call.tool})
        if read_before and Touches.SETTINGS in _touches(self._registry, call.tool):
            return self.settling.refuse(call, self._words.why("read_before", {"source": read_before[-1]}), call.args)
        return None

    def check_allowed(self, call: Call) -> None:
        """A yes to what was proposed under other rules: those of now count. Raises BadRequestError, and the row stays
        as it is, so that the same yes may do once they allow it."""
        if not self._registry.has(call.tool):
            raise BadRequestError(self._words.why("no_tool", {"tool": call.tool}), call.tool, "Decline it.")
        if self._rule(call.tool, self._registry.get(call.tool).is_outside) == "deny":
            raise BadRequestError(
                self._words.why("denied", {"tool": call.tool}), "~/.agentrc",
                f'Decline it, or allow it: carryon rc set tools."{call.tool}" ask',
            )  # fmt: skip

    def asks(self, errand: Errand) -> bool:
        """Whether the settings want a yes that is not there yet. What would tell the network something that the user
        never wrote is like what leaves this machine: no rule of Carryon's own allows it. What a model wants after it
        has read strangers' words no rule at all allows, unless it stays here."""
        if errand.read_before and not self._is_harmless(errand):
            return not errand.approved
        spec = self._registry.get(errand.call.tool)
        leaves = spec.is_outside or (errand.unsaid and spec.connectivity is Connectivity.ONLINE)
        return self._rule(errand.call.tool, leaves) == "ask" and not errand.approved

    def run_by_rule(self, errand: Errand) -> Acted:
        """Now, or as a proposal or a waiting item where the settings want to be asked. What may have been done before
        is asked about whatever they say."""
        if self._registry.get(errand.call.tool).acts_here and self.settling.is_doubted(errand):
            return self._propose(errand, lead="doubted")
        asks = self.asks(errand)
        if asks and self._waits_here(errand.call.tool):
            return self._propose(errand)
        return self.run(replace(errand, approval=errand.approval or asks))

    def run_approved(self, call: Call, context: ToolContext) -> Acted:
        """A call that was proposed, or is in doubt, and that the user said yes to; the row that is there is settled
        with the effect. Raises DecidedBeforeError, and as `check_allowed`."""
        self.check_allowed(call)
        trail = Trail.of(call)
        earlier = self.settling.stored(trail.instead_of)
        within = replace(context, target=trail.target, without=trail.without)
        return self.run(
            Errand(
                call, within, approved=True, stored=True, earlier=earlier, takes_back=trail.takes_back,
                other=trail.other, read_before=trail.read_before,
            )
        )  # fmt: skip

    def run(self, errand: Errand) -> Acted:
        call = errand.call
        errand.context.library.read_before = errand.read_before
        if self._registry.get(call.tool).acts_here:
            return self.ahead.run(errand, self._result)
        try:
            if not self.leaves_machine(call.tool):
                refuse_any(call.tool, call.args)
            if self._needs_lock(call.tool):
                with transaction(self._connection):
                    return self.settling.settle(errand, self._result_in_place(errand))
            result = self._result(errand)
            with transaction(self._connection):
                return self.settling.settle(errand, result)
        except DecidedBeforeError:
            raise
        except (CarryonError, SyncError) as error:  # SyncError: the outbox is full, or takes no such item
            with transaction(self._connection):
                return self.settling.fail(errand, error)

    def _propose(self, errand: Errand, **said: str) -> Acted:
        return self.settling.store(replace(errand.call, facts={**said, **errand.trail().facts()}))

    def _result_in_place(self, errand: Errand) -> Result:
        """What came of the tool, with the earlier call taken back first; where it has a question, nothing was."""
        try:
            with transaction(self._connection):
                if errand.earlier and errand.takes_back:
                    self._take_back_if_it_can_be(errand.earlier, errand.context)
                result = self._result(errand)
                if isinstance(result, NeedsClarification):
                    raise _Unchanged(result)
                return result
        except _Unchanged as asked:
            return asked.result

    def _take_back_if_it_can_be(self, earlier: Call, context: ToolContext) -> None:
        """A timer that has rung needs no stopping: the new one is set all the same."""
        try:
            self._taking_back.take_back(earlier, recorded(context))
        except CannotTakeBackError:
            return

    def _result(self, errand: Errand) -> Result:
        call, context = errand.call, errand.context
        result = self._registry.call(call.tool, call.args, context)
        if not errand.other:
            return result
        if isinstance(result, NeedsClarification) and len(result.choices) == 1:
            result = self._only_other(errand, result)
        found = result.choices if isinstance(result, NeedsClarification) else result
        if not found or (isinstance(result, Done) and result.facts.get("count") == 0):
            raise ToolRefusedError(self._words.why("no_other"))
        return result

    def _only_other(self, errand: Errand, asked: NeedsClarification) -> Result:
        call, context = errand.call, errand.context
        if asked.ids:
            return self._registry.call(call.tool, call.args, replace(context, target=asked.ids[0]))
        question = of_tool(asked, call, self._registry.get(call.tool))
        return self._registry.call(call.tool, question.choices[0].calls[0].args, replace(context, without=()))

    def _is_harmless(self, errand: Errand) -> bool:
        """It stays here, or asks the network for nothing but what the user wrote."""
        spec = self._registry.get(errand.call.tool)
        said = spec.connectivity is Connectivity.ONLINE and not errand.unsaid and spec.module.startswith(OWN)
        return said or stays_here(spec)

    def leaves_machine(self, tool: str) -> bool:
        return self._registry.get(tool).connectivity is Connectivity.DEFERRABLE

    def _waits_here(self, tool: str) -> bool:
        """An asked-for tool that has no outbox card to wait on; rc.set makes its own proposal."""
        return not self.leaves_machine(tool) and Touches.SETTINGS not in _touches(self._registry, tool)

    def _needs_lock(self, tool: str) -> bool:
        """What another program does takes its time, also where it touches nothing."""
        return not self._registry.get(tool).is_foreign and bool(_touches(self._registry, tool) <= {Touches.LIBRARY})


class _Unchanged(Exception):  # noqa: N818  not an error: it rolls back and carries the question out
    def __init__(self, result: NeedsClarification) -> None:
        super().__init__()
        self.result = result


def recorded(context: ToolContext) -> RecordedLibrary:
    """The library of this call, which notes how its changes are taken back."""
    assert isinstance(context.library, RecordedLibrary), "compose.py gives each call a library of its own"
    return context.library


def _touches(registry: Registry, tool: str) -> frozenset[Any]:
    return registry.get(tool).touches or frozenset()
