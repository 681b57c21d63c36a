"""The copy of an appointment in a calendar elsewhere follows it: what was renamed, moved or deleted in the library.

It does not matter who changed it. How it stands here is compared with the newest item about it: one that has not left
is changed in its place, or taken back where nothing is left to do; behind one that has left, or of which nobody knows,
goes another. What the user took back himself stays taken back, until the appointment is changed again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from agent.library.errors import NoArtifactError
from agent.library.sources import tidy
from agent.protocol.records import Artifact
from agent.tools.calendar_copies import KNOWN_MAX, TOOL, known_beside, written
from agent.tools.context import ToolContext
from agent.tools.copy_basis import GONE, as_sent, may_be_there, stands_on, stood_on
from sync.intent import Intent, Need
from sync.item import Item
from sync.states import State

_REFUSED = (State.REJECTED, State.CONFLICT)  # an edit of what was offered and refused is an item of its own


class Items(Protocol):
    """What is needed of the outbox."""

    def get(self, item_id: str) -> Item: ...

    def carrying(self, tool: str, name: str, value: str, limit: int = 200) -> Sequence[Item]: ...

    def enqueue(self, intent: Intent, *, approval: bool) -> Item: ...

    def cancel(self, item_id: str) -> Item: ...

    def hand_over(self, item_id: str, to_id: str) -> Item: ...

    def retry(self, item_id: str) -> Item: ...

    def edit(
        self, item_id: str, args: Mapping[str, Any] | None = None, payload: Mapping[str, Any] | None = None,
        sentence: str | None = None, destination: str | None = None, *, asks: bool = False,
        sources: tuple[str, ...] = (), basis: Mapping[str, Any] | None = None,
    ) -> Item: ...  # fmt: skip


def follow(outbox: Items, context: ToolContext, artifact_id: str, trashed_at: int | None = None) -> Item | None:
    """On the transaction that changed the appointment. The item that carries the change, or was taken back for it; None
    where nothing follows. `trashed_at`: when it went to the trash that it was just taken out of."""
    about = outbox.carrying(TOOL, "artifact", artifact_id)
    last = next((item for item in about if item.state is not State.CANCELLED), None)
    came_back = None
    if last is None and trashed_at is not None and (gone := _cancelled_since(about, trashed_at)):
        last = came_back = outbox.retry(gone.id)
    if last is None or context.settings.tool_rule(TOOL, outside=True) == "deny":
        return None
    wanted = _wanted(context, artifact_id, last)
    if _said(wanted.payload) == _said(last.payload):
        return came_back
    asks = context.settings.tool_rule(TOOL, outside=True) == "ask" or bool(wanted.sources)
    if last.state is State.DELIVERED or may_be_there(last):
        needs = () if last.state is State.DELIVERED else (Need(last.id),)
        behind = replace(wanted, basis={**(wanted.basis or {}), **stands_on(last)}, needs=needs)
        return outbox.enqueue(behind, approval=asks)
    before = stood_on(last)
    if _is_settled(wanted, before):
        return outbox.cancel(last.id)
    return _in_its_place(outbox, last, replace(wanted, basis=_joined(last, wanted, before)), asks=asks)


def _cancelled_since(about: Sequence[Item], trashed_at: int) -> Item | None:
    """The copy that was taken back with the appointment: not by the user, who would have done it before."""
    replaced = {item.replaces for item in about}
    since = [item for item in about if item.updated_at >= trashed_at and item.id not in replaced]
    return max(since, key=lambda item: item.updated_at, default=None)


def _wanted(context: ToolContext, artifact_id: str, last: Item) -> Intent:
    """What the calendar there should be told, as the appointment stands here."""
    event = _there(context, artifact_id)
    place = last.destination.partition(":")[2]
    if event is None:
        known = {name: value for name, value in last.payload.items() if name != GONE}
        sentence = f"Take the appointment “{str(known['title'])[:200]}” out of the calendar {place}"
        made = Intent(TOOL, last.args, last.destination, {**known, GONE: True}, sentence)
    else:
        said = str(event.data.get("said") or "")
        args = {**last.args, "title": event.title, **({"when": said} if said else {})}
        made = written(event, known_beside(event, context), args, context, place)
    sources = tidy((*last.sources, *context.library.sources([artifact_id])))
    return replace(
        made, destination=last.destination, conversation_id=last.conversation_id, turn_id=last.turn_id,
        call_id=last.call_id, sources=sources,
    )  # fmt: skip


def _there(context: ToolContext, artifact_id: str) -> Artifact | None:
    try:
        event = context.library.get(artifact_id)
    except NoArtifactError:
        return None
    return event if event.trashed_at is None else None


def _said(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return {GONE: True} if payload.get(GONE) else as_sent(payload)


def _is_settled(wanted: Intent, before: Mapping[str, Any]) -> bool:
    """Without the item that waits, the calendar there stands as it should."""
    if wanted.payload.get(GONE):
        return not before
    return bool(before) and before.get("was") == as_sent(wanted.payload)


def _joined(last: Item, wanted: Intent, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the change stands on: how the copy was left, and every appointment at that time that was known by now."""
    bases = ((last.conflict or {}).get("basis") or last.basis or {}, wanted.basis or {})
    busy = [known for basis in bases for known in basis.get("busy") or ()]
    return {**before, "busy": busy[-KNOWN_MAX:]}


def _in_its_place(outbox: Items, last: Item, wanted: Intent, *, asks: bool) -> Item:
    """One that was offered and put off cannot change its words under the same key: another goes in its place."""
    if last.offers == 0 or last.state in _REFUSED:
        return outbox.edit(
            last.id, wanted.args, wanted.payload, wanted.sentence, asks=asks, sources=wanted.sources, basis=wanted.basis
        )
    made = outbox.enqueue(replace(wanted, replaces=last.id), approval=asks)
    outbox.hand_over(last.id, made.id)
    outbox.cancel(last.id)
    return outbox.get(made.id)  # it may have taken over a pause
