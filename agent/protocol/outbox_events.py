"""What the outbox reports. An answer about many items says what was asked, so that one that comes late is known for
one. `agent.protocol.events` gives out the first three, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.protocol.event import Event
from agent.protocol.outbox_records import ItemFilter, PlaceStanding
from sync.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsListed(Event):
    """`doubts`: conversation and call of what may have been done and waits for the user's word, too, in a thread."""

    items: tuple[Item, ...]
    counts: Mapping[str, int]
    doubts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanged(Event):
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class CallItemsListed(Event):
    """`items`: by the id of the call; none for a call that has none any more."""

    items: Mapping[str, Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown(Event):
    """`needs`: what it waits for; `plan`: what was planned together with it, itself among that, in order."""

    item: Item
    timeline: tuple[Mapping[str, Any], ...]  # rows {at, state, what}
    needs: tuple[Item, ...] = ()
    plan: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageListed(Event):
    """`items`: newest first, whichever way was asked. `beyond`: the id of the next one in that way, "" at the end.
    `needs`: of items that wait for others, what for; `titles`: of the conversations that they come from."""

    wanted: ItemFilter
    after: str = ""
    backwards: bool = False
    items: tuple[Item, ...] = ()
    beyond: str = ""
    needs: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesListed(Event):
    """`left_out`: how many more there are, with less to do."""

    places: tuple[PlaceStanding, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsDeciding(Event):
    """A decision about very many goes on: so many of so many. CancelTurn stops it."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsDecided(Event):
    """`refused`: id to why, in words; `to_look_at`: those that strangers' words came before, so that each is to be seen
    before a yes; `left`: there are more than were decided."""

    verb: str
    done: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    to_look_at: tuple[str, ...] = ()
    left: bool = False
