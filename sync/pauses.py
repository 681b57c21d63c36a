"""Pauses that a destination asked for (Retry-After), after a person decided otherwise about the item that was told.

The pause is the destination's, not the item's: "try again" keeps it, and whoever comes first in line inherits it, be it
from behind or from before. Only a word of the user's that it goes now all the same ends it, for that item alone.
"""

from typing import Any, Protocol

from sync.item import Item
from sync.states import State

RETRY_AFTER_S_MAX = 86_400.0
ASK_AFTER_S = 30.0  # a destination that can be asked is left time to finish what it may have begun


class Line(Protocol):
    """What is needed of sync/rows.py, the only writer of items."""

    def now_ms(self) -> int: ...

    def head(self, destination: str) -> Item | None: ...

    def change(self, item: Item, what: str, **changes: Any) -> Item: ...

    def touch(self, item_id: str) -> None: ...


def pause_until_ms(item: Item, now_ms: int, *, at_once: bool = False) -> int:
    """Until when an item waits that the user wants sent; 0: it may go now. As long as its destination asked for, unless
    it is to go `at_once`; what an earlier try has left to end in, before it is asked about, is kept even then."""
    doubted = item.uncertain_since is not None
    longest_s = RETRY_AFTER_S_MAX if not at_once else ASK_AFTER_S if doubted else 0.0
    until = min(item.held_until, now_ms + int(longest_s * 1_000))
    return until if until > now_ms else 0


def asked_for_until_ms(item: Item, now_ms: int) -> int:
    """The end of a pause that the destination itself asked for; 0: there is none."""
    left_s = (item.held_until - now_ms) / 1_000
    if left_s <= 0 or (item.uncertain_since is not None and left_s <= ASK_AFTER_S):
        return 0
    return item.held_until


def line_until_ms(rows: Line, item: Item, destination: str = "") -> int:
    """Until when the line waits that `item` is about to head, or would at another destination; 0: it does not wait, or
    the item comes behind."""
    head = rows.head(destination or item.destination)
    return asked_for_until_ms(head, rows.now_ms()) if head is not None and item.seq < head.seq else 0


def held_until_ms(rows: Line, item: Item) -> int:
    """Its own pause or that of its line, whichever is longer; 0: it may go now."""
    return max(pause_until_ms(item, rows.now_ms()), line_until_ms(rows, item))


def asked_again(rows: Line, item: Item, *, at_once: bool) -> str:
    """For the timeline."""
    if not max(asked_for_until_ms(item, rows.now_ms()), line_until_ms(rows, item)):
        return "You asked to try again."
    if at_once:
        return "You asked to send it at once, although its destination asked to be left alone for a while."
    return "You asked to try again; it goes when the pause is over that its destination asked for."


def pass_on(rows: Line, item: Item) -> None:
    """`item`, as it was, goes no more or goes later: who is first in line now waits out the pause too."""
    until = asked_for_until_ms(item, rows.now_ms())
    behind = rows.head(item.destination) if until else None
    if behind is None or behind.state is State.SENDING or behind.held_until >= until:
        return
    what = "Its destination asked to be left alone for a while."
    rows.change(behind, what, next_attempt_at=max(until, behind.next_attempt_at), held_until=until)
    rows.touch(behind.id)
