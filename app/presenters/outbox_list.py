"""The list of the Outbox: sections of what the filter leaves in, in the grouping that was chosen, as rows to draw."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from agent.protocol.outbox_commands import ListPage
from agent.protocol.outbox_events import PageListed
from agent.protocol.outbox_records import ItemFilter, PlaceStanding
from app.presenters import outbox_rows, states
from app.presenters.outbox_filter import BY_CONVERSATION, BY_PLACE, OutboxFilter
from app.presenters.outbox_marks import Marks
from app.presenters.outbox_rows import ItemRow
from app.presenters.outbox_sections import Section
from app.presenters.places import place_view
from app.presenters.presenter import Submit
from app.presenters.states import WAITING_STATES
from sync.item import Item

OPEN_AT_FIRST_MAX = 3  # destinations whose items are shown without being asked for
TITLES_KEPT_MAX = 500
NEEDS_KEPT_MAX = 2_000
ALL = "all"


class OutboxList:
    """`rows` is made anew by `draw`; until every section has its first page the rows before stay."""

    def __init__(self, submit: Submit, now_ms: Callable[[], int]) -> None:
        self._submit, self._now_ms = submit, now_ms
        self.chosen = OutboxFilter()
        self.marks = Marks()
        self.counts: Mapping[str, int] = {}
        self.places: tuple[PlaceStanding, ...] = ()
        self.places_left_out = 0
        self.titles: dict[str, str] = {}
        self.rows: tuple[ItemRow, ...] = ()
        self._needs: dict[str, tuple[Item, ...]] = {}
        self._open: dict[str, bool] = {}  # destinations whose heading was pressed
        self._sections: dict[str, Section] = {}
        self._made: dict[str, tuple[Item, tuple[Item, ...], ItemRow]] = {}
        self._arrange()

    # What is held

    @property
    def items(self) -> dict[str, Item]:
        return {item.id: item for section in self._sections.values() for item in section.items}

    @property
    def is_loading(self) -> bool:
        return any(not section.loaded for section in self._sections.values())

    @property
    def hides(self) -> bool:
        """Whether some of what the filter leaves in is not listed at all: in destinations that are closed."""
        closed = any(not self.is_open(place.destination) for place in self._shown_places())
        return self.chosen.by == BY_PLACE and (closed or bool(self.places_left_out))

    def needs(self, item_id: str) -> tuple[Item, ...]:
        return self._needs.get(item_id, ())

    # What is asked for

    def refresh(self) -> None:
        self._ask(section.refresh() for section in self._sections.values())

    def choose(self, chosen: OutboxFilter) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self._sections = {}
            self._arrange()
            self.refresh()

    def more(self, key: str, *, before: bool = False) -> None:
        if section := self._sections.get(key):
            self._ask([section.backwards() if before else section.forwards()])

    def turn(self, destination: str) -> None:
        """Open the heading of a destination, or close it."""
        self._open[destination] = not self.is_open(destination)
        self._arrange()
        self._ask(section.refresh() for section in self._sections.values() if not section.loaded)

    def is_open(self, destination: str) -> bool:
        first = [place.destination for place in self.places[:OPEN_AT_FIRST_MAX] if _waits(place)]
        return self._open.get(destination, destination in first)

    # What came

    def take(self, event: PageListed) -> bool:
        taken = [section for section in self._sections.values() if section.take(event)]
        if taken:
            self._keep(event)
            self._ask(section.once_more() for section in taken)
        return bool(taken)

    def take_places(self, places: tuple[PlaceStanding, ...], left_out: int) -> None:
        self.places, self.places_left_out = places, left_out
        if self.chosen.by == BY_PLACE:
            self._arrange()
            self._ask(section.refresh() for section in self._sections.values() if not section.loaded)

    def put(self, item: Item) -> bool:
        self.marks.changed(item)
        held = [section.put(item) for section in self._sections.values()]  # each is told
        return any(held)

    def failed(self, cause: str) -> None:
        for section in self._sections.values():
            section.failed(cause)

    # Rows

    def draw(self) -> None:
        if self.is_loading and self.rows:
            return
        held = self.items
        self._made = {key: made for key, made in self._made.items() if key in held}
        if self.chosen.by == BY_CONVERSATION:
            self.rows = tuple(self._conversations())
        elif self.chosen.by == BY_PLACE:
            rows = [row for place in self._shown_places() for row in self._place_rows(place)]
            more = f"{self.places_left_out:,} more, with less to do: search, or group by urgency"
            self.rows = (*rows, *([outbox_rows.heading(more)] if self.places_left_out else ()))
        else:
            self.rows = tuple(row for section in self._sections.values() for row in self._group_rows(section))

    def _group_rows(self, section: Section) -> list[ItemRow]:
        if not section.items:
            return []
        narrow = self.chosen.is_narrow_beyond_state or self.chosen.query.strip()
        many = None if narrow else sum(self.counts.get(state, 0) for state in dict(states.GROUPS)[section.key])
        return [outbox_rows.heading(section.key, many or None), *self._section_rows(section)]

    def _place_rows(self, place: PlaceStanding) -> list[ItemRow]:
        opened = self.is_open(place.destination)
        head = outbox_rows.place_row(place_view(place, self._now_ms()), opened=opened)
        section = self._sections.get(place.destination)
        return [head, *(self._section_rows(section) if section else ())]

    def _section_rows(self, section: Section) -> list[ItemRow]:
        made = [outbox_rows.beyond(section.key, before=True)] if section.anchor else []
        made += [self._row(item) for item in section.items]
        return [*made, *([outbox_rows.beyond(section.key)] if section.more else [])]

    def _conversations(self) -> list[ItemRow]:
        section = self._sections[ALL]
        pairs = [(item, self._row(item)) for item in section.items]
        made = [outbox_rows.beyond(ALL, before=True)] if section.anchor else []
        made += outbox_rows.by_conversation(pairs, self.titles)
        return [*made, *([outbox_rows.beyond(ALL)] if section.more else [])]

    def _row(self, item: Item) -> ItemRow:
        needs = self._needs.get(item.id, ())
        known = self._made.get(item.id)
        if known is None or known[0] is not item or known[1] is not needs:
            known = (item, needs, outbox_rows.item_row(item, self._now_ms(), needs))
            self._made[item.id] = known
        return replace(known[2], marked=item.id in self.marks) if self.marks.on else known[2]

    # Inner

    def _arrange(self) -> None:
        """Sections as the filter and the grouping want them; those that stay keep what they hold."""
        self._sections = {
            key: held if (held := self._sections.get(key)) and held.wanted == wanted else Section(key, wanted)
            for key, wanted in self._wanted().items()
        }

    def _wanted(self) -> dict[str, ItemFilter]:
        chosen = self.chosen
        if chosen.by == BY_CONVERSATION:
            return {ALL: chosen.wanted()}
        if chosen.by == BY_PLACE:
            shown = (place.destination for place in self._shown_places())
            return {name: chosen.wanted(destination=name) for name in shown if self.is_open(name)}
        groups = [chosen.group] if chosen.group else [name for name, _ in states.GROUPS]
        return {name: chosen.wanted(name) for name in groups}

    def _shown_places(self) -> list[PlaceStanding]:
        wanted = self.chosen.wanted()
        return [
            place for place in self.places
            if wanted.destination in (None, place.destination)
            and (not wanted.states or any(place.counts.get(state) for state in wanted.states))
        ]  # fmt: skip

    def _ask(self, pages: Iterable[ListPage | None]) -> None:
        for page in list(pages):
            if page:
                self._submit(page)

    def _keep(self, event: PageListed) -> None:
        for item in event.items:
            self._needs.pop(item.id, None)
        self._needs.update(event.needs)
        self.titles.update(event.titles)
        _shorten(self._needs, NEEDS_KEPT_MAX)
        _shorten(self.titles, TITLES_KEPT_MAX)


def _waits(place: PlaceStanding) -> bool:
    return any(place.counts.get(state) for state in WAITING_STATES)


def _shorten(kept: dict[str, str] | dict[str, tuple[Item, ...]], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
