"""A call as a card: what it is, where it stands, what may be done. The outbox row, if any, has the last word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from agent.protocol.records import Call, CallStatus
from app.presenters import states, tools
from app.presenters.states import Action, StateFace
from app.presenters.wording import one_line, when
from sync.item import Item, State

LINE_CHARACTERS_MAX = 280
EFFECTS = ("email.send", "message.post", "issue.create")


@dataclass(frozen=True, slots=True)
class CardView:
    call_id: str
    item_id: str  # "" where nothing goes to the outbox
    artifact_id: str
    icon: str
    title: str
    lines: tuple[tuple[str, str], ...]
    words: str  # where it stands
    tone: str
    detail: str  # the result, or the reason
    diff: str  # of a proposed change of settings
    actions: tuple[Action, ...]


def card(call: Call, item: Item | None, now_ms: int, zone: tzinfo | None = None) -> CardView:
    face = states.item_face(str(item.state)) if item else _call_face(call)
    args = item.args if item else call.args
    return CardView(
        call_id=call.id,
        item_id=item.id if item else call.outbox_id or "",
        artifact_id=call.artifact_id or "",
        icon=tools.face(call.tool).icon,
        title=tools.title(call.tool, {**call.facts, **args}),
        lines=_lines(call, args),
        words=item_words(item, now_ms, zone) if item else face.words,
        tone=face.tone,
        detail=_detail(call, item),
        diff=str(call.facts.get("diff", "")) if call.tool == "rc.set" else "",
        actions=_actions(call, item, face),
    )


def _call_face(call: Call) -> StateFace:
    """A proposal is decided by a button; a question is answered in words."""
    if call.facts.get("answered"):
        return states.ANSWERED
    return states.QUESTION if call.facts.get("ask") else states.CALL_STATES[call.status]


def item_words(item: Item, now_ms: int, zone: tzinfo | None = None) -> str:
    """Where an item stands, with the time that matters: "Delivered 14:02"."""
    face = states.item_face(str(item.state))
    if item.state is State.DELIVERED and item.delivered_at:
        return f"Delivered {when(item.delivered_at, now_ms, zone)}"
    if item.state is State.FAILED and item.next_attempt_at > now_ms:
        return f"Not delivered yet, next try {when(item.next_attempt_at, now_ms, zone)}"
    return face.words


def _lines(call: Call, args: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if call.tool not in EFFECTS:
        return ()
    return tuple(
        (tools.label(key), one_line(str(value), LINE_CHARACTERS_MAX))
        for key in tools.LABELS
        if (value := args.get(key)) not in (None, "")
    )


def _detail(call: Call, item: Item | None) -> str:
    if item and item.last_error and item.state not in (State.DELIVERED, State.CANCELLED):
        return str(item.last_error)
    if call.status in (CallStatus.DONE, CallStatus.REFUSED, CallStatus.FAILED, CallStatus.UNDONE) or not item:
        return call.result
    return ""


def _actions(call: Call, item: Item | None, face: StateFace) -> tuple[Action, ...]:
    more: list[Action] = []
    if call.artifact_id:
        more.append(states.OPEN)
    if item:
        more.append(states.SHOW)
    return (*face.actions, *more)


def by_id(items: Iterable[Item]) -> dict[str, Item]:
    return {item.id: item for item in items}
