"""What was done here and goes elsewhere, too: the appointment that is in this calendar at once and whose copy waits in
the outbox. A copy that was sent before is told by its tag; one that has not left yet makes room for the newer.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from agent.errors import BadRequestError
from agent.library.sources import tidy
from agent.loop.errand import Errand, Trail
from agent.loop.links import refuse_any
from agent.protocol.records import Call
from agent.tools.results import Copy
from sync.errors import SyncError
from sync.intent import Intent
from sync.item import Item
from sync.states import State

GONE = "gone"  # in a payload: it is to be taken out there
LEFT = frozenset({State.DELIVERED, State.SENDING, State.CANCELLED})


class Outbox(Protocol):
    def enqueue(self, intent: Intent, *, approval: bool) -> Item: ...

    def newest(self, item_id: str) -> Item: ...

    def cancel(self, item_id: str) -> Item: ...


def is_copied(call: Call) -> bool:
    """Whether its work is here, and its outbox item a copy of it."""
    return bool(call.outbox_id and call.artifact_id)


def leaves_now(outbox: Outbox, call: Call) -> bool:
    """Whether its copy is being sent at this moment: which version stands there is not known before it has arrived."""
    try:
        return outbox.newest(call.outbox_id or "").state is State.SENDING
    except SyncError:  # the outbox was emptied
        return False


def put_out(outbox: Outbox, errand: Errand, copy: Copy) -> tuple[Item, Mapping[str, Any], bool]:
    """The copy's item, what the words about it are made of, and whether an earlier one was cancelled for it; on the
    caller's transaction."""
    refuse_any(errand.call.tool, copy.intent)
    tag, made_room = _make_room(outbox, errand.earlier)
    basis = {**(copy.intent.basis or {}), **({"etag": tag} if tag else {})}
    marked = replace(copy.intent, basis=basis, sources=tidy((*copy.intent.sources, *errand.read_before)))
    agreed = errand.approved and not errand.stored  # a yes to a proposal was to what happens here
    approval = errand.approval or ((copy.asks or bool(errand.read_before)) and not agreed)
    item = outbox.enqueue(marked, approval=approval)
    return item, {"copy_waits" if approval else "copy_leaves": copy.place}, made_room


def taken_back(outbox: Outbox, call: Call) -> tuple[Mapping[str, Any], Item | None]:
    """The work itself is taken back by the caller. A copy that was delivered is taken out there after a yes; one whose
    change is taken back, or of which nobody knows, stays as it is, and that is said."""
    try:
        item = outbox.newest(call.outbox_id or "")
    except SyncError:  # the outbox was emptied
        return {}, None
    if item.state is State.CANCELLED:
        return {}, None
    if item.state not in LEFT and not item.uncertain_since:
        return {}, outbox.cancel(item.id)
    if item.state is not State.DELIVERED or Trail.of(call).instead_of:
        return {"lead": "copy_stays"}, None
    return {"lead": "copy_goes"}, outbox.enqueue(_removal(item), approval=True)


def _removal(item: Item) -> Intent:
    return Intent(
        item.tool, item.args, item.destination, {**item.payload, GONE: True}, f"Take out again: {item.sentence}"[:900],
        conversation_id=item.conversation_id, turn_id=item.turn_id, call_id=item.call_id,
        basis={"etag": _tag(item)}, sources=item.sources,
    )  # fmt: skip


def _make_room(outbox: Outbox, earlier: Call | None) -> tuple[str, bool]:
    """The tag of the earlier copy where it has left, else ""; and whether it was cancelled, for it had not."""
    if earlier is None or not is_copied(earlier):
        return "", False
    try:
        item = outbox.newest(earlier.outbox_id or "")
    except SyncError:
        return "", False
    if item.state is State.SENDING:  # since it was looked at
        raise BadRequestError("It is being sent at this moment.", item.tool, "Say it again when that has ended.")
    if item.state not in LEFT:
        outbox.cancel(item.id)
        return str((item.basis or {}).get("etag") or ""), True  # of what it would have changed
    return _tag(item), False


def _tag(item: Item) -> str:
    reference = str((item.receipt or {}).get("reference", ""))
    return reference if item.state is State.DELIVERED and reference.startswith(('"', "W/")) else ""


def basis_of_edit(item: Item, intent: Intent) -> Mapping[str, Any] | None:
    """What an edited item stands on: what a conflict has shown, or what it stood on before; for another path in a
    folder what is known of that."""
    shown = (item.conflict or {}).get("basis") or item.basis
    if shown and item.payload.get("path") == intent.payload.get("path"):
        return {**(intent.basis or {}), **shown}
    return intent.basis
