"""Days of 23 and 25 hours, turns of the year, and times that are over: what was said is kept on the wall's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.times import resolve, resolve_range

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def start(said: str, now: datetime) -> datetime:
    when = resolve(said, now)
    assert when is not None, said
    return when.start


def test_nine_is_nine_after_the_clocks_went_forward() -> None:
    found = start("tomorrow at 9am", datetime(2026, 3, 28, 10, tzinfo=BERLIN))
    assert found.isoformat() == "2026-03-29T09:00:00+02:00"


def test_an_hour_that_is_skipped_moves_on_by_the_gap() -> None:
    found = start("tomorrow at 02:30", datetime(2026, 3, 28, 10, tzinfo=BERLIN))
    assert found.isoformat() == "2026-03-29T03:30:00+02:00"


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    found = start("tomorrow at 02:30", datetime(2026, 10, 24, 10, tzinfo=BERLIN))
    assert found.isoformat() == "2026-10-25T02:30:00+02:00"


def test_hours_count_on_the_clock_and_days_on_the_calendar() -> None:
    now = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    assert start("in 24 hours", now).isoformat() == "2026-03-29T13:00:00+02:00"
    assert start("in 1 day at 12:00", now).isoformat() == "2026-03-29T12:00:00+02:00"


@pytest.mark.parametrize("minutes", [20, 60, 120, 600])
def test_in_minutes_is_exact_across_a_change(minutes: int) -> None:
    now = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    gone = start(f"in {minutes} minutes", now).astimezone(UTC) - now.astimezone(UTC)
    assert gone == timedelta(minutes=minutes)


def test_a_day_of_23_hours_is_a_whole_range() -> None:
    found = resolve_range("tomorrow", datetime(2026, 3, 28, 10, tzinfo=BERLIN))
    assert found is not None
    assert found[1].timestamp() - found[0].timestamp() == 23 * 3600


def test_a_midnight_that_does_not_exist() -> None:
    """In Beirut the clocks go forward at midnight: the day begins at one."""
    found = start("sunday", datetime(2026, 3, 28, 10, tzinfo=ZoneInfo("Asia/Beirut")))
    assert found.isoformat() == "2026-03-29T01:00:00+03:00"


AFTERNOON = datetime(2026, 3, 4, 18, 0, tzinfo=NEW_YORK)  # a Wednesday
ROLLS = [
    ("at 9", "2026-03-04 21:00"),
    ("at 5", "2026-03-05 17:00"),
    ("9:15", "2026-03-04 21:15"),
    ("09:15", "2026-03-05 09:15"),
    ("16:50", "2026-03-05 16:50"),
    ("noon", "2026-03-05 12:00"),
    ("wednesday at 9am", "2026-03-11 09:00"),
    ("wednesday at 9pm", "2026-03-04 21:00"),
    ("the 4th at 9am", "2026-04-04 09:00"),
    ("the 4th at 9pm", "2026-03-04 21:00"),
    ("tonight", "2026-03-04 20:00"),
    ("this evening", "2026-03-04 19:00"),
    ("in the morning", "2026-03-05 09:00"),
    ("eod", "2026-03-05 17:00"),
    ("today at 9", "2026-03-04 21:00"),
    ("4 march 2026 9:00", "2026-03-04 09:00"),
    ("4 march at 9am", "2026-03-04 09:00"),
]


@pytest.mark.parametrize(("said", "expected"), ROLLS)
def test_what_is_over_rolls_forward_unless_the_day_is_fixed(said: str, expected: str) -> None:
    assert f"{start(said, AFTERNOON):%Y-%m-%d %H:%M}" == expected


def test_the_31st_skips_short_months() -> None:
    assert f"{start('the 31st', datetime(2026, 4, 2, 10, tzinfo=BERLIN)):%Y-%m-%d}" == "2026-05-31"
    assert f"{start('the 30th', datetime(2026, 1, 31, 10, tzinfo=BERLIN)):%Y-%m-%d}" == "2026-03-30"


def test_a_month_on_from_the_last_of_january_is_the_last_of_february() -> None:
    assert f"{start('in a month', datetime(2026, 1, 31, 10, tzinfo=BERLIN)):%Y-%m-%d}" == "2026-02-28"


def test_the_turn_of_the_year() -> None:
    now = datetime(2026, 12, 31, 22, 0, tzinfo=BERLIN)
    assert f"{start('tomorrow', now):%Y-%m-%d}" == "2027-01-01"
    assert f"{start('next week', now):%Y-%m-%d}" == "2027-01-04"
    assert f"{start('3rd of april', now):%Y-%m-%d}" == "2027-04-03"
    assert f"{start('in 3 hours', now):%Y-%m-%d %H:%M}" == "2027-01-01 01:00"


def test_late_in_the_night_the_small_hours_are_meant() -> None:
    now = datetime(2026, 3, 5, 1, 0, tzinfo=BERLIN)
    assert f"{start('at 4', now):%Y-%m-%d %H:%M}" == "2026-03-05 04:00"


def test_sunday_belongs_to_the_week_that_ends() -> None:
    sunday = datetime(2026, 3, 8, 10, tzinfo=BERLIN)
    assert f"{start('next friday', sunday):%Y-%m-%d}" == "2026-03-13"
    found = resolve_range("weekend", sunday)
    assert found is not None
    assert f"{found[0]:%Y-%m-%d} {found[1]:%Y-%m-%d}" == "2026-03-08 2026-03-09"
