"""Changing what will be sent. While nobody can have seen the key the same item changes; after a no, or a "later", the
new text is an item of its own; while an earlier try may have arrived, no edit is safe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.errors import NotAllowedError
from sync.intent import SOURCES_MAX, Intent, canonical, check
from sync.item import Item
from sync.pauses import line_until_ms, pause_until_ms
from sync.rows import Rows
from sync.states import SET_ASIDE, State


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change; None stays. `basis`: what the new text was decided on; an edit of a conflict stands on the
    world as the conflict showed it unless it brings its own. `asks`: it waits for a yes, also where there was one to
    the words before. `sources` join those that it has."""

    args: Mapping[str, Any] | None = None
    payload: Mapping[str, Any] | None = None
    sentence: str | None = None
    destination: str | None = None
    basis: Mapping[str, Any] | None = None
    asks: bool = False
    sources: tuple[str, ...] = ()


def apply(rows: Rows, item: Item, edit: Edit) -> Item:
    """On a transaction that has read `item`. The item, or its successor, as it now stands."""
    edited = _edited(item, edit)
    check(edited)
    if item.uncertain_since is None:
        return _succeed(rows, item, edited) if item.offers else _rewrite(rows, item, edited, asks=edit.asks)
    raise NotAllowedError(
        "The destination has seen this item, and an earlier try may still take effect."
        if item.offers
        else "The profile was put back from an older copy, and this may have been sent since that was made.",
        item.id,
        "Cancel it and ask again with the new text.",
    )


def renewed(rows: Rows, item: Item) -> int:
    """As much time again as it had at first."""
    return rows.now_ms() + max(item.expires_at - item.created_at, 60_000)


def _edited(item: Item, edit: Edit) -> Intent:
    basis = edit.basis
    if basis is None:
        basis = (item.conflict or {}).get("basis") or item.basis
    return Intent(
        tool=item.tool,
        args=item.args if edit.args is None else edit.args,
        destination=edit.destination or item.destination,
        payload=item.payload if edit.payload is None else edit.payload,
        sentence=edit.sentence or item.sentence,
        conversation_id=item.conversation_id, turn_id=item.turn_id, call_id=item.call_id, replaces=item.id,
        basis=basis, sources=tuple(dict.fromkeys((*item.sources, *edit.sources)))[:SOURCES_MAX],
    )  # fmt: skip


def _rewrite(rows: Rows, item: Item, edited: Intent, *, asks: bool) -> Item:
    changes: dict[str, Any] = {
        "args": canonical(dict(edited.args)), "payload": canonical(dict(edited.payload)),
        "sentence": edited.sentence, "destination": edited.destination, "fingerprint": edited.fingerprint,
        "basis": dict(edited.basis) if edited.basis else None,
        "sources": list(edited.sources) or None, "last_error": None,
    }  # fmt: skip
    if edited.destination != item.destination:
        changes["held_until"] = line_until_ms(rows, item, edited.destination)  # its own was another's
    if item.state in SET_ASIDE:
        changes["expires_at"] = renewed(rows, item)
    if item.state in SET_ASIDE or (asks and item.state is not State.WAITING_APPROVAL):
        changed = rows.move(
            item, State.WAITING_APPROVAL, "You changed it.", needs_approval=1, approved_at=None, **changes
        )
    else:
        changed = rows.change(item, "You changed it.", next_attempt_at=_due(rows, item, edited), **changes)
    return rows.plans.say(rows.plans.settle(changed))


def _due(rows: Rows, item: Item, edited: Intent) -> int:
    """Now, or when a pause is over that its destination asked for before it was offered."""
    now = rows.now_ms()
    stays = edited.destination == item.destination
    return max(now, pause_until_ms(item, now) if stays else line_until_ms(rows, item, edited.destination))


def _succeed(rows: Rows, item: Item, edited: Intent) -> Item:
    new = rows.add(edited, approval=True, expires_at=renewed(rows, item))
    if edited.destination == item.destination and (until := pause_until_ms(item, rows.now_ms())):
        new = rows.change(new, "", held_until=until)  # which its approval heeds
    new = rows.plans.take_over(item, new)
    rows.move(item, State.CANCELLED, "You changed it; the new text is an item of its own.")
    return new
