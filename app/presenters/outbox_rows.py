"""Lines of the Outbox's list: an item, the heading of a group, a destination, or a way to what lies beyond."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.presenters import states, tools
from app.presenters.cards import item_words, left_alone_until, said_args
from app.presenters.places import PlaceView
from app.presenters.wording import one_line, when
from sync.item import Item

TITLES_NAMED_MAX = 2
SHORT = {"unknown": "May have arrived", "conflict": "Something changed", "failed": "Will be tried again"}
OVER = ("delivered", "cancelled")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """`kind`: item, heading, place, more or before; `marked` None: nothing is being marked."""

    id: str
    icon: str = ""
    title: str = ""
    about: str = ""
    words: str = ""
    tone: str = "muted"
    group: str = ""
    destination: str = ""
    kind: str = "item"
    marked: bool | None = None


def item_row(item: Item, now_ms: int, needs: Sequence[Item] = ()) -> ItemRow:
    face = states.item_face(str(item.state))
    args = said_args(item, needs)
    subject = args.get("subject") or args.get("body") or args.get("text") or item.sentence
    return ItemRow(
        id=item.id,
        icon=tools.face(item.tool).icon,
        title=tools.title(item.tool, args),
        about=after_words(item, needs) or one_line(str(subject), 70) or item.destination,
        words=_short(item, now_ms),
        tone=face.tone,
        group=group_of(str(item.state)),
        destination=item.destination,
    )


def _short(item: Item, now_ms: int) -> str:
    """Where it stands, as short as a line of the list wants it."""
    state = str(item.state)
    if state == "waiting_approval" and item.sources:
        return "Look at every word"
    if until := left_alone_until(item, now_ms):
        return f"Left alone until {when(until, now_ms)}"
    if state == "failed" and item.next_attempt_at > now_ms:
        return f"Next try {when(item.next_attempt_at, now_ms)}"
    if state == "queued" and item.waits_for:
        return "Held" if item.last_error else "Waits"
    return SHORT.get(state) or item_words(item, now_ms)


def after_words(item: Item, needs: Sequence[Item]) -> str:
    """ "after “Issue in web”": what it waits for."""
    if not item.waits_for or str(item.state) in OVER or not needs:
        return ""
    named = " and ".join(f"“{tools.title(other.tool, other.args)}”" for other in needs[:TITLES_NAMED_MAX])
    more = len(needs) - TITLES_NAMED_MAX
    return f"after {named}" + (f" and {more} more" if more > 0 else "")


def group_of(state: str) -> str:
    return next((name for name, members in states.GROUPS if state in members), states.GROUPS[-1][0])


def heading(title: str, many: int | None = None) -> ItemRow:
    return ItemRow("", title=title if many is None else f"{title} · {many:,}", kind="heading")


def place_row(place: PlaceView, *, opened: bool) -> ItemRow:
    """Enter opens and closes it, so it tells which it is."""
    about = place.about if opened else f"{place.about} · closed"
    return ItemRow(
        f"place:{place.destination}", "down" if opened else "right", place.name, about, place.words.partition(":")[0],
        place.tone,
        destination=place.destination, kind="place",
    )  # fmt: skip


def beyond(key: str, *, before: bool = False) -> ItemRow:
    """Coming to see it, or Enter, brings more."""
    name = "before" if before else "more"
    return ItemRow(f"{name}:{key}", "down" if not before else "", f"Show {'newer' if before else 'older'} ones",
                   kind=name)  # fmt: skip


def by_conversation(rows: Iterable[tuple[Item, ItemRow]], titles: Mapping[str, str]) -> list[ItemRow]:
    """In the order of the newest item of each."""
    grouped: dict[str, list[ItemRow]] = {}
    for item, row in rows:
        grouped.setdefault(item.conversation_id or "", []).append(row)
    made: list[ItemRow] = []
    for conversation_id, members in grouped.items():
        title = one_line(titles.get(conversation_id, ""), 60)
        made.append(heading(title or ("A conversation that is gone" if conversation_id else "No conversation")))
        made += members
    return made
