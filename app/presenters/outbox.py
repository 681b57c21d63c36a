"""The outbox: everything on its way out, narrowed and grouped as chosen, several of it at once, and the item in hand to
the letter."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.protocol import commands, events, outbox_commands, outbox_events
from agent.protocol.records import PracticeMessage
from app.presenters import item_detail, states
from app.presenters.item_detail import ItemDetail, Shown
from app.presenters.outbox_filter import Chip, OutboxFilter
from app.presenters.outbox_list import OutboxList
from app.presenters.outbox_marks import Outcome
from app.presenters.outbox_rows import ItemRow
from app.presenters.places import PlaceView, place_view
from app.presenters.practice import PracticeRow, practice_row
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.states import Action
from sync.item import Item

SEEN_KEPT_MAX = 500  # items that were in hand, or in a plan of one that was


class OutboxPresenter(AreaPresenter):
    """Parts that change: "rows" (the list, its filter and what is marked), "detail", "practice", "edit" (the user wants
    to change the item in hand), "mailto"."""

    area = "outbox"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._list = OutboxList(submit, self.now_ms)
        self._seen: dict[str, Item] = {}
        self._shown = Shown()
        self._to_look_at: list[str] = []
        self.item_id = ""
        self.place_name = ""  # the destination in hand, where it is none of the items
        self.practice_enabled = False
        self._practice: tuple[PracticeMessage, ...] = ()
        self.mailto = ""

    def handlers(self) -> Handlers:
        return {
            events.ItemsListed: self._counted,
            events.ItemChanged: self._one_changed,
            events.ItemShown: self._was_shown,
            events.PracticeListed: self._practice_listed,
            events.MailProgramRequested: self._mail_program,
            events.Failed: self._failed,
            outbox_events.PageListed: self._page,
            outbox_events.PlacesListed: self._placed,
            outbox_events.ItemsDeciding: self._deciding,
            outbox_events.ItemsDecided: self._decided,
        }

    # The list

    @property
    def rows(self) -> tuple[ItemRow, ...]:
        return self._list.rows

    @property
    def counts(self) -> Mapping[str, int]:
        return self._list.counts

    @property
    def chosen(self) -> OutboxFilter:
        return self._list.chosen

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self.chosen.chips(self._list.titles)

    @property
    def nothing(self) -> str:
        """Why there are no rows; "" where there are, or are about to be."""
        return "" if self.rows or self._list.is_loading else self.chosen.nothing(self._list.titles)

    @property
    def places(self) -> tuple[PlaceView, ...]:
        now = self.now_ms()
        return tuple(place_view(place, now) for place in self._list.places)

    @property
    def titles(self) -> Mapping[str, str]:
        """Of the conversations that listed items come from."""
        return self._list.titles

    @property
    def tools(self) -> tuple[str, ...]:
        return tuple(sorted({item.tool for item in self._list.items.values()} | set(states.SENDING_TOOLS)))

    def refresh(self) -> None:
        self._list.refresh()
        self._submit(outbox_commands.ListPlaces())
        self._submit(commands.ListItems())
        self._submit(commands.ListPractice())
        if self.item_id:
            self._submit(commands.ShowItem(item_id=self.item_id))

    def filter(self, **wanted: str) -> None:
        """`group`, `destination`, `tool`, `conversation_id`, `query`, `by`: what is not named stays."""
        self._narrow(replace(self.chosen, **wanted))

    def widen(self, name: str = "") -> None:
        """Take one thing away that the list is narrowed to, or all of it."""
        self._narrow(self.chosen.without(name) if name else self.chosen.widest())

    def choose(self, key: str) -> None:
        """A row was chosen: an item is opened, a destination too and its items with it, the way to more is gone."""
        kind, _, name = key.partition(":")
        if kind in ("more", "before"):
            self._list.more(name, before=kind == "before")
        elif kind == "place":
            self.place_name = name
            self._list.turn(name)
            self._draw()
            self._changed("detail")
        else:
            self.open(key)

    def more(self, key: str) -> None:
        """The row that leads to more came to be seen."""
        kind, _, name = key.partition(":")
        self._list.more(name, before=kind == "before")

    def is_open(self, key: str) -> bool:
        """Whether the items of a destination are listed; `key`: of its row."""
        return self._list.is_open(key.partition(":")[2])

    @property
    def in_hand(self) -> str:
        """Key of the row of what is in hand."""
        return f"place:{self.place_name}" if self.place_name else self.item_id

    def group_count(self, group: str) -> int:
        return sum(self.counts.get(state, 0) for state in dict(states.GROUPS)[group])

    # Several at once

    @property
    def marking(self) -> bool:
        return self._list.marks.on

    @property
    def marked(self) -> int:
        """How many; of everything that is listed it is not known beforehand: -1."""
        return -1 if self._list.marks.all_listed else self._list.marks.many

    @property
    def bulk_actions(self) -> tuple[Action, ...]:
        return self._list.marks.actions

    @property
    def outcome(self) -> Outcome | None:
        return self._list.marks.outcome

    @property
    def deciding(self) -> tuple[int, int] | None:
        """So many of so many, while a decision about very many goes on."""
        return self._list.marks.going

    def stop_deciding(self) -> None:
        """What is decided stays so."""
        self._submit(commands.CancelTurn())

    def mark(self, key: str) -> None:
        if item := self._list.items.get(key):
            self._list.marks.toggle(item)
            self._draw()

    def mark_held(self) -> None:
        """All that is listed here; where there is more than that, everything that the filter leaves in."""
        marks = self._list.marks
        marks.mark(self._list.items.values())
        marks.all_listed = not self._list.hides and any(row.kind in ("more", "before") for row in self.rows)
        self._draw()

    def mark_none(self) -> None:
        self._list.marks.clear()
        self._draw()

    def begin_marking(self) -> None:
        self._list.marks.on = True
        self._draw()

    def decide(self, verb: str) -> None:
        """About all that are marked."""
        if self.marking:
            self._submit(self._list.marks.command(verb, self.chosen.wanted()))

    def take_back(self) -> None:
        if command := self._list.marks.take_back():
            self._submit(command)
        self._changed("rows")

    def forget_outcome(self) -> None:
        self._list.marks.outcome = None
        self._changed("rows")

    def look_at_each(self) -> None:
        """Open what was kept from a yes in bulk, one after the other."""
        if self.outcome:
            self._to_look_at = list(self.outcome.to_look_at)
            self.forget_outcome()
            self._look_at_next()

    # The item in hand

    def open(self, item_id: str) -> None:
        self.item_id, self.place_name, self._shown = item_id, "", Shown(needs=self._list.needs(item_id))
        self._submit(commands.ShowItem(item_id=item_id))
        self._draw()
        self._changed("detail")

    @property
    def detail(self) -> ItemDetail | None:
        item = self._item(self.item_id)
        return item_detail.detail(item, self._shown, self.now_ms()) if item and not self.place_name else None

    @property
    def place(self) -> PlaceView | None:
        return next((place for place in self.places if place.destination == self.place_name), None)

    def act(self, item_id: str, action: str) -> None:
        """Do what a button of the item says; `edit` opens the editor instead."""
        if action == "edit":
            self.open(item_id)
            self._changed("edit")
        elif action == "approve_plan":
            self._submit(outbox_commands.DecideItems(verb="approve", ids=item_detail.yes_waits(self._shown.plan)))
        elif command := _command(item_id, action):
            self._submit(command)

    def act_in_hand(self, action: str) -> None:
        """By a key: about what is marked, else about the item in hand where it offers that."""
        if self.marking and self.marked:
            if action in [one.name for one in self.bulk_actions]:
                self.decide(action)
        elif (detail := self.detail) and action in [one.name for one in detail.actions]:
            self.act(detail.id, action)

    def change(self, item_id: str, args: Mapping[str, Any]) -> None:
        self._submit(commands.EditItem(item_id=item_id, args=dict(args)))

    def only_its_conversation(self) -> None:
        """Narrow the list to the conversation that the item in hand comes from."""
        if (item := self._item(self.item_id)) and item.conversation_id:
            self.filter(conversation_id=item.conversation_id)

    def flush(self) -> None:
        self._submit(commands.FlushOutbox())

    def try_place(self, destination: str) -> None:
        self._submit(commands.FlushOutbox(destination=destination))

    # Practice

    @property
    def practice_rows(self) -> tuple[PracticeRow, ...]:
        now = self.now_ms()
        return tuple(practice_row(message, now) for message in self._practice)

    def set_practice(self, enabled: bool) -> None:
        self._submit(commands.SetPractice(enabled=enabled))

    # What happened

    def _counted(self, event: events.ItemsListed) -> None:
        self._list.counts = event.counts
        self._draw()

    def _page(self, event: outbox_events.PageListed) -> None:
        if not self._list.take(event):
            return
        self._draw()
        if not self._list.is_loading and not self.item_id and not self.is_resting:
            first = next((row.id for row in self.rows if row.kind == "item"), "")
            if first:
                self.open(first)  # the most urgent one
        elif self.item_id in self._list.items:
            self._changed("detail")

    def _placed(self, event: outbox_events.PlacesListed) -> None:
        self._list.take_places(event.places, event.left_out)
        self._draw()
        if self.place_name:
            self._changed("detail")

    def _deciding(self, event: outbox_events.ItemsDeciding) -> None:
        self._list.marks.going = event.done, event.total
        self._changed("rows")

    def _decided(self, event: outbox_events.ItemsDecided) -> None:
        self._list.marks.decided(event)
        self._draw()

    def _failed(self, event: events.Failed) -> None:
        self._list.failed(event.cause)
        if self.deciding:
            self._list.marks.going = None
            self._changed("rows")

    def _one_changed(self, event: events.ItemChanged) -> None:
        self._see(event.item)
        self._list.put(event.item)
        if self.is_resting:
            self._stale = True
        else:
            self._list.refresh()
        self._draw()
        if event.item.id == self.item_id:
            self._submit(commands.ShowItem(item_id=self.item_id))
            self._changed("detail")
            if event.item.state != "waiting_approval":
                self._look_at_next()

    def _was_shown(self, event: events.ItemShown) -> None:
        self._see(event.item, *event.plan, *event.needs)
        if event.item.id == self.item_id:
            self._shown = Shown(event.timeline, event.needs, event.plan)
            self._changed("detail")

    def _practice_listed(self, event: events.PracticeListed) -> None:
        self.practice_enabled, self._practice = event.enabled, event.messages
        self._changed("practice")

    def _mail_program(self, event: events.MailProgramRequested) -> None:
        self.mailto = event.mailto
        self._changed("mailto")

    # Inner

    def _narrow(self, chosen: OutboxFilter) -> None:
        if chosen != self.chosen:
            self._list.marks.clear()
        self._list.choose(chosen)
        self._draw()

    def _draw(self) -> None:
        self._list.draw()
        self._changed("rows")

    def _item(self, item_id: str) -> Item | None:
        """Its newest known shape."""
        known = [item for item in (self._seen.get(item_id), self._list.items.get(item_id)) if item]
        return max(known, key=lambda item: item.updated_at, default=None)

    def _see(self, *items: Item) -> None:
        for item in items:
            self._seen.pop(item.id, None)
            self._seen[item.id] = item
        while len(self._seen) > SEEN_KEPT_MAX:
            del self._seen[next(iter(self._seen))]

    def _look_at_next(self) -> None:
        if self._to_look_at:
            self.open(self._to_look_at.pop(0))


_COMMANDS: Mapping[str, type[Any]] = {
    "approve": commands.ApproveItem,
    "cancel": commands.CancelItem,
    "retry": commands.RetryItem,
    "mail_program": commands.HandToMailProgram,
    "free": outbox_commands.FreeItem,
}


def _command(item_id: str, action: str) -> commands.Command | None:
    if action == "flush":
        return commands.FlushOutbox()
    if action.startswith("resolve_"):
        return commands.ResolveItem(item_id=item_id, verdict=action.removeprefix("resolve_"))
    if action == states.RETRY_NOW.name:
        return commands.RetryItem(item_id=item_id, at_once=True)
    kind = _COMMANDS.get(action)
    made: commands.Command | None = kind(item_id=item_id) if kind else None
    return made
