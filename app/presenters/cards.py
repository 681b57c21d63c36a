"""A call as a card: what it is, where it stands, what may be done. The outbox row, if any, has the last word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from agent.outbox.promised import in_words
from agent.protocol.records import Call, CallStatus
from app.presenters import states, tools
from app.presenters.files import FileFace, faces
from app.presenters.origins import warning
from app.presenters.sides import sides
from app.presenters.states import Action, StateFace
from app.presenters.wording import one_line, when
from sync.explain import may_have_happened
from sync.item import Item, State
from sync.pauses import asked_for_until_ms
from sync.steering import shown

LINE_CHARACTERS_MAX = 280
WARNED_LINE_CHARACTERS_MAX = 2_000  # where every word should be looked at
YES = ("approve", "accept", "resolve_send", "call_again")
SIDES = ("When you decided", "Now")
OVER = ("delivered", "cancelled")
WAITS_NAMED_MAX = 2
MCP = "mcp:"  # before a server's name, as a destination
SIGN_IN = "sign_in"  # among a call's facts: the server that wants one
TRIED = ("queued", "failed", "rejected")
EFFECTS = ("email.send", "message.post", "issue.create")


@dataclass(frozen=True, slots=True)
class Doors:
    """Servers of tools as far as it is known: `shut`, they want a sign-in, and `open`, the user is signed in."""

    shut: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


NO_DOORS = Doors()


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
    warning: str = ""  # strangers' words were read before it was decided
    sides: tuple[tuple[str, str], ...] = ()  # of a conflict, in short: what was decided on, how it is now
    files: tuple[FileFace, ...] = ()  # pictures and sounds that came with it
    waits: str = ""  # the names of what has to be delivered first, in words
    sign_in: str = ""  # the server that wants one first


def card(
    call: Call, item: Item | None, now_ms: int, zone: tzinfo | None = None, doors: Doors = NO_DOORS
) -> CardView:  # fmt: skip
    sign_in = _sign_in(call, item, doors)
    face = states.item_face(str(item.state)) if item else _call_face(call)
    args = said_args(item) if item else call.args
    warned = warning(call, item)
    lines, whole = _lines(call, args, warned=bool(warned))
    return CardView(
        call_id=call.id,
        item_id=item.id if item else call.outbox_id or "",
        artifact_id=call.artifact_id or "",
        icon=tools.face(call.tool).icon,
        title=tools.title(call.tool, {**call.facts, **args}),
        lines=lines,
        words=item_words(item, now_ms, zone) if item else face.words,
        tone=face.tone,
        detail=shown(_detail(call, item, now_ms, zone)),
        diff=str(call.facts.get("diff", "")) if call.tool == "rc.set" else "",
        actions=(
            *((states.SIGN_IN,) if sign_in else ()),
            *(one for one in _actions(call, item, face, now_ms) if whole or one.name not in YES),
        ),
        warning=warned,
        sides=_sides(item),
        files=faces(call.facts) if str(call.status) == CallStatus.DONE else (),
        waits=waits_words(item) if item else "",
        sign_in=sign_in,
    )


def _sign_in(call: Call, item: Item | None, doors: Doors) -> str:
    """What is over needs none."""
    if item:
        server = item.destination.removeprefix(MCP) if item.destination.startswith(MCP) else ""
        return server if server in doors.shut and str(item.state) in TRIED else ""
    server = str(call.facts.get(SIGN_IN) or "") if call.status is CallStatus.FAILED else ""
    return server if call.tool.startswith(f"{server}.") and server not in doors.open else ""


def said_args(item: Item, needs: Sequence[Item] = ()) -> Mapping[str, Any]:
    """With words where something is to be put in that another item brings."""
    return {key: in_words(value, item, needs) if isinstance(value, str) else value for key, value in item.args.items()}


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
    if until := left_alone_until(item, now_ms):
        return f"It asked to be left alone until {when(until, now_ms, zone)}"
    if item.state is State.FAILED and item.next_attempt_at > now_ms:
        return f"Not delivered yet, next try {when(item.next_attempt_at, now_ms, zone)}"
    if item.state is State.QUEUED and item.waits_for:
        return "Held: what it waits for is stuck" if item.last_error else "Waits for another item"
    return face.words


def waits_words(item: Item) -> str:
    """ "Waits for “create issue: login is broken” and 2 others"; "" where it waits for nothing, or is over."""
    if not (item.waits_for and item.waits_on) or str(item.state) in OVER:
        return ""
    named = item.waits_on[:WAITS_NAMED_MAX]
    more = item.waits_for - len(named)
    others = f" and {more} other{'s' if more > 1 else ''}" if more > 0 else ""
    return shown(f"Waits for {' and '.join(f'“{name}”' for name in named)}{others}")


def left_alone_until(item: Item, now_ms: int) -> int:
    """The end of a pause that its destination asked for, and which keeps the item here; 0: there is none."""
    waits = item.state in (State.FAILED, State.QUEUED) and not item.waits_for
    return asked_for_until_ms(item, now_ms) if waits and item.next_attempt_at >= item.held_until else 0


def item_actions(item: Item, now_ms: int) -> tuple[Action, ...]:
    """Trying again would keep a pause that was asked for; to send in spite of it is a word of its own."""
    actions = states.item_face(str(item.state)).actions
    if not left_alone_until(item, now_ms):
        return actions
    return (states.RETRY_NOW, *(one for one in actions if one is not states.RETRY))


def _lines(call: Call, args: Mapping[str, Any], *, warned: bool) -> tuple[tuple[tuple[str, str], ...], bool]:
    """What is meant to leave, or would be done after a yes; and whether that is all of it. A card that warns and cannot
    show every word takes no yes: the item's own page does."""
    if call.tool in EFFECTS:
        named = [(key, args.get(key)) for key in tools.LABELS]
    elif call.outbox_id or warned or call.status is CallStatus.UNKNOWN:
        named = list(args.items())
    else:
        return (), True
    most = WARNED_LINE_CHARACTERS_MAX if warned else LINE_CHARACTERS_MAX
    said = [(tools.label(key), str(value)) for key, value in named if value not in (None, "")]
    whole = not warned or all(len(value) <= most for _, value in said)
    return tuple((name, one_line(value, most)) for name, value in said), whole


def _sides(item: Item | None) -> tuple[tuple[str, str], ...]:
    both = sides(item) if item else None
    return () if both is None else tuple(zip(SIDES, both.short, strict=True))


def _detail(call: Call, item: Item | None, now_ms: int, zone: tzinfo | None) -> str:
    if item and (doubt := may_have_happened(item, lambda ms: when(ms, now_ms, zone))):
        return doubt
    if item and item.last_error and item.state not in (State.DELIVERED, State.CANCELLED):
        return str(item.last_error)
    if item and (waits := waits_words(item)):
        return waits
    if call.status in (CallStatus.DONE, CallStatus.REFUSED, CallStatus.FAILED, CallStatus.UNDONE) or not item:
        return call.result
    return ""


def _actions(call: Call, item: Item | None, face: StateFace, now_ms: int) -> tuple[Action, ...]:
    more: list[Action] = []
    if call.artifact_id:
        more.append(states.OPEN)
    if item:
        more.append(states.SHOW)
    return (*(item_actions(item, now_ms) if item else face.actions), *more)


def by_id(items: Iterable[Item]) -> dict[str, Item]:
    return {item.id: item for item in items}
