"""Items of which cards are made: the newest word, and a bound at every word."""

from dataclasses import replace

from app import demo
from app.presenters.kept_items import KEPT_MAX, KeptItems


def kept(*names: str) -> KeptItems:
    items = KeptItems(lambda: demo.NOW_MS)
    for name in names:
        items.keep(replace(demo.ITEMS[0], id=name))
    return items


def test_an_edited_one_leads_to_its_successor_however_they_are_told() -> None:
    items = kept("a")
    items.keep(replace(demo.ITEMS[0], id="b", replaces="a"), replace(demo.ITEMS[0], id="d"))
    items.lead("b", "d")
    newest = items.newest("a")
    assert newest
    assert newest.id == "d"
    items.lead("d", "a")
    assert items.newest("a"), "a circle ends"


def test_never_more_than_the_bound_and_what_was_last_heard_of_stays() -> None:
    items = kept("first", "second")
    for number in range(KEPT_MAX - 2):
        assert not items.keep(replace(demo.ITEMS[0], id=str(number)))
    items.keep(replace(demo.ITEMS[0], id="first"))
    assert items.keep(replace(demo.ITEMS[0], id="one more"))
    assert items.newest("first")
    assert items.newest("second") is None
    assert len(items._items) == KEPT_MAX
    for number in range(KEPT_MAX + 1):
        items.lead(f"old {number}", "first")
    assert len(items._successors) == KEPT_MAX
