"""Whether an issue arrived, at a tracker of any size: the newest are read back to the moment of the first try."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sync.item import Item
from sync.transports.outcomes import UncertainError
from sync.transports.tracker import EARLIER_S, PAGE_ISSUES, PAGES_MAX, Kind, Tracker
from tests.sim.profiles import NOON
from tests.sim.receiving import Receiver, Reply
from tests.unit.sync.items import an_item

HOUR = 3_600.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def doubted(since_s: float = NOON) -> Item:
    return replace(an_item(), uncertain_since=int(since_s * 1_000))


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def pages(
    filed: Callable[[int], dict[str, Any]], number: int, now: float | None, asked: list[int]
) -> Callable[[str], Reply]:
    """A tracker with `number` issues, the newest first; `now`: what its clock says."""

    def answer(path: str) -> Reply:
        page = int(parse_qs(urlsplit(path).query)["page"][0])
        asked.append(page)
        numbers = range((page - 1) * PAGE_ISSUES, min(page * PAGE_ISSUES, number))
        date = {} if now is None else {"Date": format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)}
        return Reply(200, date, [filed(n) for n in numbers])

    return answer


def tracker(receiver: Receiver, kind: Kind = "github", now: float = NOON + 60) -> Tracker:
    return Tracker("web", kind, f"{receiver.url}/o/r", clock=lambda: now)


def an_hour_apart(first: float) -> Callable[[int], dict[str, Any]]:
    return lambda n: {"number": n, "body": "x", "created_at": stamp(first - n * HOUR)}


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_one_that_did_not_arrive_is_known_not_to_be_there_however_many_there_are(
    receiver: Receiver, kind: Kind
) -> None:
    asked: list[int] = []
    receiver.listing = pages(an_hour_apart(NOON), 100_000, NOON + 60, asked)
    assert tracker(receiver, kind).find(doubted()) is None
    assert asked == [1]


def test_one_that_arrived_is_found_behind_newer_ones(receiver: Receiver) -> None:
    item = doubted()

    def filed(n: int) -> dict[str, Any]:
        mark = f" <!-- carryon:{item.idempotency_key} -->" if n == 350 else ""
        return {"number": n, "body": f"x{mark}", "created_at": stamp(NOON + (351 - n))}

    receiver.listing = pages(filed, 100_000, NOON + 500, [])
    found = tracker(receiver, now=NOON + 500).find(item)
    assert found
    assert found.reference == "350"


@pytest.mark.parametrize("ahead", [-10 * HOUR, 10 * HOUR])
def test_the_trackers_clock_counts_not_ours(receiver: Receiver, ahead: float) -> None:
    item = doubted()
    asked: list[int] = []

    def filed(n: int) -> dict[str, Any]:
        mark = f" <!-- carryon:{item.idempotency_key} -->" if n == 99 else ""
        return {"number": n, "body": f"x{mark}", "created_at": stamp(NOON + ahead - n)}

    receiver.listing = pages(filed, 200, NOON + 60 + ahead, asked)
    assert tracker(receiver).find(item)


def test_an_issue_filed_a_little_before_the_first_try_stops_nothing(receiver: Receiver) -> None:
    """The clock may have been set back unseen."""
    item, n_there = doubted(), 150

    def filed(n: int) -> dict[str, Any]:
        mark = f" <!-- carryon:{item.idempotency_key} -->" if n == n_there else ""
        return {"number": n, "body": f"x{mark}", "created_at": stamp(NOON - n)}

    receiver.listing = pages(filed, 1_000, NOON + 60, [])
    assert tracker(receiver).find(item)
    assert n_there < EARLIER_S


@pytest.mark.parametrize("said", [None, "", "yesterday", "2026-03-06T12:00:00", 7])
def test_without_a_time_all_of_them_are_read_within_a_bound(receiver: Receiver, said: object) -> None:
    asked: list[int] = []
    receiver.listing = pages(lambda n: {"number": n, "created_at": said}, 100_000, NOON + 60, asked)
    with pytest.raises(UncertainError, match="Too many") as told:
        tracker(receiver).find(doubted())
    assert told.value.answered, "it will not be able to say later"
    assert asked == list(range(1, PAGES_MAX + 1))


def test_a_tracker_that_does_not_tell_its_time_is_read_within_a_bound(receiver: Receiver) -> None:
    receiver.listing = pages(an_hour_apart(NOON), 100_000, None, [])
    with pytest.raises(UncertainError, match="Too many"):
        tracker(receiver).find(doubted())
