"""A stretch of a long list: some hundred items of which the newest page was asked for first. Reaching an end asks for
the page beyond it and lets go of what lies far at the other, so 100,000 items cost what is looked at."""

from dataclasses import dataclass, field

from agent.protocol import outbox_commands
from agent.protocol.outbox_events import PageListed
from agent.protocol.outbox_records import ItemFilter
from sync.item import Item

PAGE = 60
HELD_MAX = 180  # items of one section; three pages


@dataclass
class Section:
    """`anchor`: the item right before the first held one, "" at the beginning. One question at a time."""

    key: str
    wanted: ItemFilter
    items: list[Item] = field(default_factory=list)
    anchor: str = ""
    more: bool = False
    loaded: bool = False
    asked: outbox_commands.ListPage | None = None
    _once_more: bool = False

    def refresh(self) -> outbox_commands.ListPage | None:
        """What is held, anew."""
        if self.asked:
            self._once_more = True
            return None
        limit = min(max(len(self.items), PAGE), HELD_MAX)
        return self._ask(outbox_commands.ListPage(wanted=self.wanted, after=self.anchor, limit=limit))

    def forwards(self) -> outbox_commands.ListPage | None:
        if self.asked or not self.more or not self.items:
            return None
        return self._ask(outbox_commands.ListPage(wanted=self.wanted, after=self.items[-1].id, limit=PAGE))

    def backwards(self) -> outbox_commands.ListPage | None:
        if self.asked or not self.anchor or not self.items:
            return None
        return self._ask(
            outbox_commands.ListPage(wanted=self.wanted, after=self.items[0].id, backwards=True, limit=PAGE)
        )

    def take(self, event: PageListed) -> bool:
        """Whether it was for this section, and is now in it."""
        if event.wanted != self.wanted or not self._is_awaited(event):
            return False
        self.asked, self.loaded = None, True
        if event.backwards:
            self._put_before(event)
        elif self.items and event.after == self.items[-1].id:
            self._put_behind(event)
        else:
            self.items, self.more = list(event.items), bool(event.beyond)
        return True

    def failed(self, cause: str) -> None:
        if self.asked and self.asked.id == cause:
            self.asked, self.loaded = None, True

    def once_more(self) -> outbox_commands.ListPage | None:
        """What was put off while an answer was awaited."""
        if self.asked or not self._once_more:
            return None
        self._once_more = False
        return self.refresh()

    def put(self, item: Item) -> bool:
        """In the place of its older shape, where that is held."""
        for number, held in enumerate(self.items):
            if held.id == item.id:
                self.items[number] = item
                return True
        return False

    def _ask(self, page: outbox_commands.ListPage) -> outbox_commands.ListPage:
        self.asked = page
        return page

    def _is_awaited(self, event: PageListed) -> bool:
        if self.asked is None:
            return event.after == self.anchor and not event.backwards
        return (event.after, event.backwards) == (self.asked.after, self.asked.backwards)

    def _put_before(self, event: PageListed) -> None:
        self.items = [*event.items, *self.items]
        self.anchor = event.beyond
        if len(self.items) > HELD_MAX:
            del self.items[HELD_MAX:]
            self.more = True

    def _put_behind(self, event: PageListed) -> None:
        self.items = [*self.items, *event.items]
        self.more = bool(event.beyond)
        if (over := len(self.items) - HELD_MAX) > 0:
            self.anchor = self.items[over - 1].id
            del self.items[:over]
