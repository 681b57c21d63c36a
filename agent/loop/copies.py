"""What was done here and goes elsewhere, too: the appointment that is in this calendar at once and whose copy waits in
the outbox. A copy that was sent before is told by its tag; one that has not left yet makes room for the newer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from agent.errors import BadRequestError
from agent.library.sources import tidy
from agent.loop.errand import Errand, Trail
from agent.loop.links import refuse_any
from agent.protocol.records import Call
from agent.tools.copy_basis import GONE, may_be_there, stands_on, stood_on
from agent.tools.results import Copy
from sync.errors import SyncError
from sync.intent import Intent, Need
from sync.item import Item
from sync.states import State

LEFT = frozenset({State.DELIVERED, State.SENDING, State.CANCELLED})


class Outbox(Protocol):
    def enqueue(self, intent: Intent, *, approval: bool) -> Item: ...

    def get(self, item_id: str) -> Item: ...

    def newest(self, item_id: str) -> Item: ...

    def cancel(self, item_id: str) -> Item: ...

    def hand_over(self, item_id: str, to_id: str) -> Item: ...

    def carrying(self, tool: str, name: str, value: str, limit: int = 200) -> Sequence[Item]: ...


def is_copied(call: Call) -> bool:
    """Whether its work is here, and its outbox item a copy of it."""
    return bool(call.outbox_id and call.artifact_id)


def leaves_now(outbox: Outbox, call: Call) -> bool:
    """Whether its copy is being sent at this moment: which version stands there is not known before it has arrived."""
    item = _last(outbox, call)
    return item is not None and item.state is State.SENDING


def _last(outbox: Outbox, call: Call) -> Item | None:
    """The newest that was not taken back of all that is about its work, also what followed a change in the library."""
    about = outbox.carrying(call.tool, "artifact", call.artifact_id) if call.artifact_id else ()
    if last := next((item for item in about if item.state is not State.CANCELLED), None):
        return last
    try:
        return outbox.newest(call.outbox_id or "")
    except SyncError:  # the outbox was emptied
        return None


def _own(outbox: Outbox, call: Call) -> str:
    """The id of the call's own copy, as it was last edited."""
    try:
        return outbox.newest(call.outbox_id or "").id
    except SyncError:  # the outbox was emptied
        return ""


def put_out(outbox: Outbox, errand: Errand, copy: Copy) -> tuple[Item, Mapping[str, Any], bool]:
    """The copy's item, what the words about it are made of, and whether an earlier one was cancelled for it; on the
    caller's transaction."""
    refuse_any(errand.call.tool, copy.intent)
    before, needs, replaced = _make_room(outbox, errand.earlier)
    basis = {**(copy.intent.basis or {}), **before}
    marked = replace(copy.intent, basis=basis, needs=needs, sources=tidy((*copy.intent.sources, *errand.read_before)))
    agreed = errand.approved and not errand.stored  # a yes to a proposal was to what happens here
    approval = errand.approval or ((copy.asks or bool(errand.read_before)) and not agreed)
    item = outbox.enqueue(marked, approval=approval)
    if replaced:
        outbox.hand_over(replaced, item.id)
        outbox.cancel(replaced)
        item = outbox.get(item.id)  # it may have taken over a pause
    return item, {"copy_waits" if approval else "copy_leaves": copy.place}, bool(replaced)


def taken_back(outbox: Outbox, call: Call) -> tuple[Mapping[str, Any], Item | None]:
    """The work itself is taken back by the caller. A copy that was delivered is taken out there after a yes; what
    becomes of one whose change is taken back, or of which nobody knows, follows (agent/outbox/following.py)."""
    item = _last(outbox, call)
    if item is None or item.state is State.CANCELLED:
        return {}, None
    if item.id != _own(outbox, call):  # something else has followed since
        return {"lead": "copy_stays"}, None
    if item.state not in LEFT and not may_be_there(item):
        return {}, outbox.cancel(item.id)
    if item.state is not State.DELIVERED or Trail.of(call).instead_of:
        return {"lead": "copy_stays"}, None
    return {"lead": "copy_goes"}, outbox.enqueue(_removal(item), approval=True)


def _removal(item: Item) -> Intent:
    return Intent(
        item.tool, item.args, item.destination, {**item.payload, GONE: True}, f"Take out again: {item.sentence}"[:900],
        conversation_id=item.conversation_id, turn_id=item.turn_id, call_id=item.call_id,
        basis=stands_on(item), sources=item.sources,
    )  # fmt: skip


def _make_room(outbox: Outbox, earlier: Call | None) -> tuple[Mapping[str, Any], tuple[Need, ...], str]:
    """What the newer copy stands on, what it waits for, and the id of the earlier one where that has not left and goes.
    One of which nobody knows whether it arrived stays as it is: the newer goes behind it."""
    item = _last(outbox, earlier) if earlier is not None and is_copied(earlier) else None
    if item is None:
        return {}, (), ""
    if item.state is State.SENDING:  # since it was looked at
        raise BadRequestError("It is being sent at this moment.", item.tool, "Say it again when that has ended.")
    if may_be_there(item):
        return stands_on(item), (Need(item.id),), ""
    if item.state in LEFT:
        return (stands_on(item) if item.state is State.DELIVERED else {}), (), ""
    return stood_on(item), (), item.id


def basis_of_edit(item: Item, intent: Intent) -> Mapping[str, Any] | None:
    """What an edited item stands on: what a conflict has shown, or what it stood on before; for another path in a
    folder what is known of that."""
    shown = (item.conflict or {}).get("basis") or item.basis
    if shown and item.payload.get("path") == intent.payload.get("path"):
        return {**(intent.basis or {}), **shown}
    return intent.basis
