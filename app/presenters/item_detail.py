"""One outbox item whole: what will be sent to the letter, both sides where the world changed, what may have happened
where nobody knows, what it waits for, and what was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from agent.outbox.promised import in_words
from app.presenters import attempts, states, tools
from app.presenters.attempts import Step, Track
from app.presenters.cards import item_actions, item_words, left_alone_until, said_args
from app.presenters.markdown import safe_address
from app.presenters.origins import warning
from app.presenters.places import place_name
from app.presenters.sides import Sides, sides
from app.presenters.states import Action
from app.presenters.wording import count, exactly, one_line, when
from sync.explain import may_have_happened
from sync.item import Item
from sync.steering import shown

OVER = ("delivered", "cancelled")
OURS = ("keep",)  # in a payload, and does not leave: how the answer is kept here
FREED = ("waiting_approval", "queued", "failed", "rejected", "conflict", "expired")
MAILED = ("waiting_approval", "queued", "failed", "rejected", "expired")
RULES = {"pinned": "this version", "latest": "the newest when it leaves", "ask": "asks if a newer one is there"}


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One item of a plan, to look at."""

    id: str
    icon: str
    title: str
    words: str
    tone: str
    current: bool


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """`what` is exactly what will be sent, whole; `doubt`: what may have happened; `look`: an address to look at;
    `after`: what it waits for, as ids and titles."""

    id: str
    icon: str
    title: str
    words: str
    tone: str
    what: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    track: Track | None
    trouble: str
    todo: str
    actions: tuple[Action, ...]
    editable: tuple[tuple[str, str], ...]
    warning: str = ""  # strangers' words were read before it was decided
    doubt: str = ""
    look: str = ""
    sides: Sides | None = None
    after: tuple[tuple[str, str], ...] = ()
    plan: tuple[PlanStep, ...] = ()
    talk: bool = False  # it comes from a conversation


@dataclass(frozen=True, slots=True)
class Shown:
    """What the core said of an item beyond its row."""

    timeline: tuple[Mapping[str, Any], ...] = ()
    needs: tuple[Item, ...] = ()
    plan: tuple[Item, ...] = ()


def detail(item: Item, shown: Shown, now_ms: int, zone: tzinfo | None = None) -> ItemDetail:
    state = str(item.state)
    face = states.item_face(state)
    both, doubt = sides(item), may_have_happened(item, lambda ms: when(ms, now_ms, zone))
    trouble = "" if state in OVER or (both and both.what) else str(item.last_error or "")
    return ItemDetail(
        id=item.id,
        icon=tools.face(item.tool).icon,
        title=tools.title(item.tool, said_args(item, shown.needs)),
        words=item_words(item, now_ms, zone),
        tone=face.tone,
        what=tuple(
            (tools.label(key), in_words(said(value), item, shown.needs))
            for key, value in tools.in_order(item.payload)
            if key not in OURS and _is_said(value)
        ),
        facts=_facts(item, now_ms),
        steps=attempts.steps(item, shown.timeline, now_ms),
        track=attempts.track(item, shown.timeline, now_ms),
        trouble=trouble,
        todo=states.LEFT_ALONE if left_alone_until(item, now_ms) else states.WHAT_TO_DO.get(state, ""),
        actions=_actions(item, item_actions(item, now_ms), shown.plan),
        editable=tuple((key, value) for key, value in tools.in_order(item.args) if isinstance(value, str)),
        warning=warning(None, item),
        doubt=doubt,
        look=_look(item) if doubt else "",
        sides=both,
        after=_after(item, shown.needs),
        plan=tuple(_plan_step(one, item.id, now_ms) for one in shown.plan),
        talk=bool(item.conversation_id),
    )


def yes_waits(plan: Sequence[Item]) -> tuple[str, ...]:
    """Ids of a plan that wait for a yes."""
    return tuple(one.id for one in plan if one.state == "waiting_approval")


def said(value: Any) -> str:
    """A value of what is sent, as a person reads it."""
    if isinstance(value, Mapping):
        if "follow" in value:
            rule = RULES.get(str(value["follow"]), str(value["follow"]))
            return f"{value.get('name', 'a file')}, version {value.get('version', '?')}: {rule}"
        return "\n".join(f"{tools.label(str(key))}: {said(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(said(part) for part in value)
    return shown(str(value))


def _what(item: Item) -> tuple[tuple[str, str], ...]:
    leaves = [(key, value) for key, value in tools.in_order(item.payload) if key not in OURS and _is_said(value)]
    return tuple((tools.label(key), said(value)) for key, value in leaves)


def _is_said(value: Any) -> bool:
    return value not in (None, "", [], {}, ())


def _actions(item: Item, actions: tuple[Action, ...], plan: Sequence[Item]) -> tuple[Action, ...]:
    state, more = str(item.state), list[Action]()
    if state == "waiting_approval" and len(waiting := yes_waits(plan)) > 1:
        actions = (actions[0], Action("approve_plan", f"Approve all {len(waiting)} of this plan"), *actions[1:])
    if state == "queued" and not item.waits_for:
        more.append(states.TRY_NOW)
    if item.waits_for and state in FREED:
        more.append(states.FREE)
    if item.tool == "email.send" and state in MAILED and not item.payload.get("attached"):
        more.append(states.MAIL_PROGRAM)
    return (*actions, *more)


def _facts(item: Item, now: int) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Goes to", place_name(item.destination)),
        ("Decided", exactly(item.created_at)),
        ("Held back after", when(item.expires_at, now)),
        ("Attempts", count(item.attempts, "attempt") if item.attempts else "none yet"),
        ("Key", str(item.idempotency_key)),
    ]
    if receipt := _receipt(item):
        facts.append(("Receipt", receipt))
    return tuple(facts)


def _receipt(item: Item) -> str:
    values = [str(value) for key, value in (item.receipt or {}).items() if value and key != "by"]
    return one_line(", ".join(values), 160)


def _look(item: Item) -> str:
    """An address at which one could see whether it is there."""
    address = safe_address(str((item.receipt or {}).get("url") or item.payload.get("url") or ""))
    return address if address.startswith("http") else ""


def _after(item: Item, needs: Sequence[Item]) -> tuple[tuple[str, str], ...]:
    if not item.waits_for or str(item.state) in OVER:
        return ()
    return tuple((one.id, tools.title(one.tool, one.args)) for one in needs if one.state != "delivered")


def _plan_step(item: Item, current: str, now: int) -> PlanStep:
    face = states.item_face(str(item.state))
    return PlanStep(
        item.id, tools.face(item.tool).icon, tools.title(item.tool, item.args), item_words(item, now), face.tone,
        item.id == current,
    )  # fmt: skip
