"""Takes one call back: its item is cancelled, its work goes to the trash or to the version before, a setting is put
back. What cannot be taken back raises with the reason; nothing that was written is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agent.errors import BadRequestError
from agent.library.recording import RecordedLibrary
from agent.loop.copies import Outbox, is_copied, taken_back
from agent.loop.errand import Trail
from agent.protocol.records import Call, CallStatus
from sync.item import Item
from sync.states import State

Facts = dict[str, Any]
Change = Callable[[Mapping[str, object]], Mapping[str, object]]
Said = Callable[[Iterable[str]], Mapping[str, object]]


class CannotTakeBackError(BadRequestError):
    """`why` names the reason; the voice has the words."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This cannot be taken back: {why}.")
        self.why = why


IN_DOUBT = (CallStatus.BEGUN, CallStatus.UNKNOWN)
TOO_LATE = {
    State.DELIVERED: "delivered", State.SENDING: "sending", State.UNKNOWN: "unsure", State.CANCELLED: "already",
}  # fmt: skip


class TakingBack:
    """`change` writes settings and tells what stood there before; `said`: what the user's file says of them now."""

    def __init__(self, items: Outbox, change: Change, said: Said) -> None:
        self._items = items
        self._change = change
        self._said = said

    def take_back(self, call: Call, library: RecordedLibrary) -> tuple[Facts, Item | None]:
        """Facts for the words, and the item that was cancelled. On the caller's transaction."""
        if call.status is CallStatus.UNDONE:
            raise CannotTakeBackError("already")
        if call.status in IN_DOUBT:
            raise CannotTakeBackError("unsure_here")
        if is_copied(call):
            facts = self._reversed(Trail.of(call), library)
            said, item = taken_back(self._items, call)
            return {**facts, **said}, item
        if call.outbox_id:
            return self._cancelled(call.outbox_id)
        if call.status is CallStatus.PROPOSED:
            return {}, None  # nothing had happened
        trail = Trail.of(call)
        if trail.was:
            if any(value != call.facts.get("value") for value in self._said(trail.was).values()):
                raise CannotTakeBackError("since")
            self._change(trail.was)
            return {}, None
        return self._reversed(trail, library), None

    def _cancelled(self, item_id: str) -> tuple[Facts, Item]:
        item = self._items.newest(item_id)
        if item.state in TOO_LATE:
            raise CannotTakeBackError(TOO_LATE[item.state])
        lead = {"lead": "perhaps_arrived"} if item.uncertain_since else {}
        return lead, self._items.cancel(item.id)

    @staticmethod
    def _reversed(trail: Trail, library: RecordedLibrary) -> Facts:
        if not trail.undo:
            raise CannotTakeBackError("nothing")
        done = library.take_back(trail.undo)
        if not done:
            raise CannotTakeBackError("rang" if all(step["do"] == "stop" for step in trail.undo) else "since")
        return {"trashed": True} if "trash" in done else {}
