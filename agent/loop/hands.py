"""Carries out one call: the user's rule, the tool, then call row and outbox row in one transaction.

Nothing leaves this machine from here; what is meant for elsewhere becomes an outbox item. A tool that waits for the
network or reads the disk runs before the transaction, so that it never holds the database's write lock.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from agent.errors import CarryonError
from agent.loop.ports import Acted, Intended, Request
from agent.protocol.commands import new_id
from agent.protocol.records import Call, CallStatus
from agent.store import transaction
from agent.tools.context import ToolContext
from agent.tools.registry import Registry
from agent.tools.results import Deferred, Done, NeedsClarification, Proposed, Result
from agent.tools.spec import Connectivity, Touches
from sync.intent import Intent
from sync.item import Item

Context = Callable[[Request, str, str, str], ToolContext]  # request, conversation id, turn id, call id


class Calls(Protocol):
    """Where call rows are kept."""

    def add_call(self, call: Call) -> None: ...


class Outbox(Protocol):
    def enqueue(self, intent: Intent, *, approval: bool) -> Item: ...


class Wording(Protocol):
    def confirm(self, tool: str, facts: Mapping[str, Any], status: str = "done") -> str: ...

    def ask(self, ask: str, facts: Mapping[str, Any], choices: Sequence[str] = ()) -> str: ...


class Hands:
    """`context` gives a tool what it may touch; `words` says in the user's tone what came of a call; `change` writes
    settings that the user said yes to."""

    def __init__(
        self, connection: sqlite3.Connection, registry: Registry, calls: Calls, outbox: Outbox,
        context: Context, words: Wording, rule: Callable[[str, bool], str],
        change: Callable[[Mapping[str, object]], None],
    ) -> None:  # fmt: skip
        self._connection = connection
        self._registry = registry
        self._calls = calls
        self._outbox = outbox
        self._context = context
        self._words = words
        self._rule = rule
        self._change = change

    def act(self, turn_id: str, conversation_id: str, call: Intended, request: Request) -> Acted:
        begun = Call(new_id(), turn_id, call.tool, dict(call.args), CallStatus.PROPOSED)
        if request.dry_run:
            return Acted(self._worded(begun))
        context = self._context(request, conversation_id, turn_id, begun.id)
        rule = self._rule(call.tool, self._leaves_machine(call.tool))
        if rule == "deny":
            return self._store(
                replace(begun, status=CallStatus.REFUSED, facts={"why": f"Your settings deny {call.tool}."})
            )
        if rule == "ask" and not request.approve and self._waits_here(call.tool):
            return self._store(begun)
        return self._run(begun, context, approval=rule == "ask" and not request.approve, approved=request.approve)

    def run_approved(self, call: Call, context: ToolContext) -> Acted:
        """A proposed call that the user said yes to; the row is there already and is settled by the caller."""
        return self._run(call, context, approval=False, approved=True, stored=True)

    def accept(self, call: Call) -> Call:
        """A proposed change of the settings that the user said yes to: made, and said so."""
        self._change({str(call.facts["key"]): call.facts["value"]})
        return self._worded(replace(call, status=CallStatus.DONE))

    def _run(self, call: Call, context: ToolContext, *, approval: bool, approved: bool, stored: bool = False) -> Acted:
        try:
            if self._needs_lock(call.tool):
                with transaction(self._connection):
                    result = self._registry.call(call.tool, call.args, context)
                    return self._settle(call, result, approval=approval, approved=approved, stored=stored)
            result = self._registry.call(call.tool, call.args, context)
            with transaction(self._connection):
                return self._settle(call, result, approval=approval, approved=approved, stored=stored)
        except CarryonError as error:
            why = " ".join(part for part in (error.what, error.todo) if part)
            failed = replace(call, status=CallStatus.FAILED, facts={**call.args, "why": why, "where": error.where})
            return self._store(failed, stored=stored)

    def _settle(self, call: Call, result: Result, *, approval: bool, approved: bool, stored: bool) -> Acted:
        item: Item | None = None
        asks = ""
        match result:
            case Done(facts, artifact_id):
                settled = replace(call, status=CallStatus.DONE, facts=dict(facts), artifact_id=artifact_id)
            case Deferred(intent, facts):
                item = self._outbox.enqueue(intent, approval=approval)
                status = CallStatus.WAITING if approval else CallStatus.QUEUED
                settled = replace(call, status=status, facts=dict(facts), outbox_id=item.id)
            case Proposed(key, value, facts):
                proposed = replace(call, facts={**facts, "key": key, "value": value})
                settled = self.accept(proposed) if approved else proposed
            case NeedsClarification(ask, facts, choices):
                asks = ask
                settled = replace(call, facts={**facts, "ask": ask, "choices": list(choices)})
        return self._store(settled, item, asks, stored=stored)

    def _store(self, call: Call, item: Item | None = None, asks: str = "", *, stored: bool = False) -> Acted:
        worded = self._worded(call, asks)
        if not stored:
            self._calls.add_call(worded)
        return Acted(worded, item, asks)

    def _worded(self, call: Call, asks: str = "") -> Call:
        if asks:
            return replace(call, result=self._words.ask(asks, call.facts, call.facts["choices"]))
        return replace(call, result=self._words.confirm(call.tool, call.facts or call.args, call.status.value))

    def _leaves_machine(self, tool: str) -> bool:
        return self._registry.get(tool).connectivity is Connectivity.DEFERRABLE

    def _waits_here(self, tool: str) -> bool:
        """An asked-for tool that has no outbox card to wait on; rc.set makes its own proposal."""
        return not self._leaves_machine(tool) and Touches.SETTINGS not in _touches(self._registry, tool)

    def _needs_lock(self, tool: str) -> bool:
        return bool(_touches(self._registry, tool) <= {Touches.LIBRARY})


def _touches(registry: Registry, tool: str) -> frozenset[Any]:
    return registry.get(tool).touches or frozenset()
