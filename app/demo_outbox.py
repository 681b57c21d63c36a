"""The Outbox of the demo as a core would tell it: its pages in every grouping, its destinations, and what happened to
some of its items."""

from collections.abc import Iterator, Sequence

from agent.protocol.events import Event, ItemShown
from agent.protocol.outbox_events import ItemsDecided, PageListed, PlacesListed
from agent.protocol.outbox_records import ItemFilter, PlaceStanding
from app.presenters import states
from app.presenters.outbox_filter import BY_CONVERSATION, BY_PLACE, OutboxFilter
from sync.item import Item
from sync.states import ACTIVE

MINUTE = 60_000
TITLE = "Contract with Halden"
NEEDS = {"demo-tell": ("demo-bug",), "demo-note": ("demo-sam",)}


def listed(items: Sequence[Item], chosen: OutboxFilter | None = None) -> Iterator[Event]:
    """Everything that the list shows under this filter."""
    chosen = chosen or OutboxFilter()
    yield PlacesListed(places=places(items))
    if chosen.by == BY_CONVERSATION:
        yield page(items, chosen.wanted())
    elif chosen.by == BY_PLACE:
        for place in places(items):
            yield page(items, chosen.wanted(destination=place.destination))
    else:
        for group in [chosen.group] if chosen.group else [name for name, _ in states.GROUPS]:
            yield page(items, chosen.wanted(group))


def page(items: Sequence[Item], wanted: ItemFilter) -> PageListed:
    found = sorted((item for item in items if fits(item, wanted)), key=lambda item: -item.created_at)
    by_id = {item.id: item for item in items}
    needs = {item.id: tuple(by_id[key] for key in NEEDS[item.id]) for item in found if item.id in NEEDS}
    titles = {item.conversation_id: TITLE for item in found if item.conversation_id}
    return PageListed(wanted=wanted, items=tuple(found), needs=needs, titles=titles)


def fits(item: Item, wanted: ItemFilter) -> bool:
    words = f"{item.sentence} {' '.join(map(str, item.args.values()))}".lower()
    return (
        (not wanted.states or item.state in wanted.states)
        and wanted.destination in (None, item.destination)
        and wanted.tool in (None, item.tool)
        and wanted.conversation_id in (None, item.conversation_id)
        and wanted.text.lower() in words
    )


def places(items: Sequence[Item]) -> tuple[PlaceStanding, ...]:
    names = list(dict.fromkeys(item.destination for item in items))
    return tuple(_place([item for item in items if item.destination == name], name) for name in names)


def shown(items: Sequence[Item], item_id: str) -> ItemShown:
    """An item as it is opened, with all that happened to it and all that goes with it."""
    by_id = {item.id: item for item in items}
    item = by_id[item_id]
    plan = [by_id[key] for key in ("demo-bug", "demo-tell")] if item_id in ("demo-bug", "demo-tell") else []
    needs = tuple(by_id[key] for key in NEEDS.get(item_id, ()))
    return ItemShown(item=item, timeline=tuple(_happened(item)), needs=needs, plan=tuple(plan))


def decided() -> ItemsDecided:
    """What came of approving several at once."""
    return ItemsDecided(verb="approve", done=("demo-dana", "demo-bug", "demo-tell"), to_look_at=("demo-rates",))


def _place(items: Sequence[Item], name: str) -> PlaceStanding:
    counts = {str(state): sum(item.state is state for item in items) for state in {item.state for item in items}}
    waiting = sorted((item for item in items if item.state in ACTIVE), key=lambda item: item.created_at)
    head = waiting[0] if waiting else None
    arrived = [item.delivered_at for item in items if item.delivered_at]
    return PlaceStanding(
        name, counts, head.id if head else "", attempts=head.attempts if head else 0,
        next_try_at=head.next_attempt_at if head else None, trouble=head.last_error or "" if head else "",
        reached_at=max(arrived, default=None),
    )  # fmt: skip


def _happened(item: Item) -> Iterator[dict[str, object]]:
    begun = item.created_at
    asked = "waiting_approval" if item.needs_approval else "queued"
    yield {"at": begun, "state": asked, "what": "Waits for your approval." if item.needs_approval else "Queued."}
    if item.id == "demo-issue":
        for minute, took, state, why in (
            (1, 4_100, "queued", "The network is not there."), (4, 10_000, "queued", "The network is not there."),
            (9, 10_000, "queued", "The network is not there."), (31, 900, "failed", item.last_error),
        ):  # fmt: skip
            yield {"at": begun + minute * MINUTE, "state": "sending", "what": "Sending."}
            yield {"at": begun + minute * MINUTE + took, "state": state, "what": why}
    elif item.attempts:
        yield {"at": begun + 10 * MINUTE, "state": "sending", "what": "Sending."}
        yield {"at": begun + 10 * MINUTE + 20_400, "state": str(item.state), "what": item.last_error or "Delivered."}
