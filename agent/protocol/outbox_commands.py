"""What may be asked about many items of the outbox. Apart from the other commands since a page and a decision about
many belong together: both are about what a filter leaves in."""

from dataclasses import dataclass, field

from agent.protocol.commands import Command
from agent.protocol.outbox_records import ItemFilter

PAGE_ITEMS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Command):
    """So many items, newest first, behind the item `after` ("": from the newest on); `backwards`: those before it."""

    wanted: ItemFilter = field(default_factory=ItemFilter)
    after: str = ""
    backwards: bool = False
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlaces(Command):
    """How the destinations stand, those with most to do first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideItems(Command):
    """One decision about many: approve, cancel, retry, retry_at_once, delivered, send_again or send_all_the_same. About
    `ids`, or about all that `wanted` leaves in and that can be decided so."""

    verb: str
    ids: tuple[str, ...] = ()
    wanted: ItemFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeItem(Command):
    """Send it without what it waits for."""

    item_id: str
