"""Items of the outbox as scripts read them. DESIGN's keys stay; what came later stands behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.outbox.promised import in_words
from app.cli.printing import moment
from sync.explain import may_have_happened
from sync.item import Item
from sync.states import State


def row(item: Item) -> dict[str, Any]:
    """The row that scripts rely on, and the sentence a person reads."""
    return {
        "id": item.id,
        "tool": item.tool,
        "args": item.args,
        "destination": item.destination,
        "state": item.state.value,
        "idempotency_key": item.idempotency_key,
        "created_at": item.created_at,
        "expires_at": item.expires_at,
        "attempts": item.attempts,
        "last_error": item.last_error,
        "receipt": item.receipt,
        "sentence": in_words(item.sentence, item),
        "sources": list(item.sources),
        "waits_for": item.waits_for,
        "conflict": _sides(item),
    }


def whole(
    item: Item, timeline: Sequence[Mapping[str, Any]], needs: Sequence[Item], needed_by: Sequence[Item]
) -> dict[str, Any]:
    """Everything about one item."""
    waits = item.state in (State.QUEUED, State.FAILED) and item.next_attempt_at > item.created_at
    return row(item) | {
        "sentence": in_words(item.sentence, item, needs),
        "next_attempt_at": item.next_attempt_at if waits else None,
        "may_have_happened": may_have_happened(item, moment),
        "needs": [_short(other) for other in needs],
        "needed_by": [_short(other) for other in needed_by],
        "payload": item.payload,
        "timeline": list(timeline),
    }


def listed(item: Item) -> tuple[str, str, str, str]:
    """As a line of a table."""
    told = in_words(item.sentence, item)
    if item.waits_for and item.state not in (State.DELIVERED, State.CANCELLED):
        told += f"  (waits for {item.waits_for})"
    if item.sources and item.state is State.WAITING_APPROVAL:
        told += f"  (read before: {', '.join(item.sources)})"
    return item.id[:8], item.state.value, moment(item.created_at), told


def _sides(item: Item) -> dict[str, Any] | None:
    if not item.conflict:
        return None
    return {name: item.conflict.get(name, "") for name in ("what", "then", "now")}


def _short(item: Item) -> dict[str, str]:
    return {"id": item.id, "state": item.state.value, "sentence": in_words(item.sentence, item)}
