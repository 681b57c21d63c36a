"""`resolve`, seen from Wednesday 4 March 2026, ten in the morning, in Berlin: one row a phrase."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.times import Kind, resolve
from tests.unit.agent.times.said_abroad import FOREIGN, NO_TIMES
from tests.unit.agent.times.said_and_meant import DAYS, MOMENTS, PARTS, PERIODS

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def shown(text: str, language: str = "en") -> tuple[str, Kind] | None:
    when = resolve(text, NOW, language)
    if when is None:
        return None
    assert when.start.tzinfo is NOW.tzinfo
    return when.start.strftime("%Y-%m-%d %H:%M" if when.has_time else "%Y-%m-%d"), when.kind


@pytest.mark.parametrize(("said", "start"), MOMENTS)
def test_a_time_of_day(said: str, start: str) -> None:
    assert shown(said) == (start, Kind.MOMENT)


@pytest.mark.parametrize(("said", "start"), PARTS)
def test_a_part_of_a_day(said: str, start: str) -> None:
    assert shown(said) == (start, Kind.PART)


@pytest.mark.parametrize(("said", "start"), DAYS)
def test_a_day(said: str, start: str) -> None:
    assert shown(said) == (start, Kind.DAY)


@pytest.mark.parametrize(("said", "start"), PERIODS)
def test_a_period(said: str, start: str) -> None:
    assert shown(said) == (start, Kind.PERIOD)


@pytest.mark.parametrize("said", NO_TIMES)
def test_what_is_no_time_is_none(said: str) -> None:
    assert resolve(said, NOW) is None


@pytest.mark.parametrize("language", ["de", "en", "es", "fr"])
@pytest.mark.parametrize(("said", "start"), FOREIGN)
def test_german_spanish_french_whatever_the_setting(said: str, start: str, language: str) -> None:
    found = shown(said, language)
    assert found is not None
    assert found[0] == start


def test_a_number_with_a_point_is_a_day_to_germans() -> None:
    assert shown("15.", "de") == ("2026-03-15", Kind.DAY)
    assert shown("15.", "en") == ("2026-03-04 15:00", Kind.MOMENT)


def test_another_language_through_the_library() -> None:
    assert shown("domani", "it") == ("2026-03-05", Kind.DAY)
    assert shown("venerdì alle 14:30", "it") == ("2026-03-06 14:30", Kind.MOMENT)


def test_the_library_is_not_believed_when_it_drops_a_number() -> None:
    """dateparser makes "domani alle 9" the present time of tomorrow."""
    assert resolve("domani alle 9", NOW, "it") is None


def test_both_ends_of_an_interval() -> None:
    when = resolve("2-4pm friday", NOW)
    assert when is not None
    assert when.end == datetime(2026, 3, 6, 16, 0, tzinfo=NOW.tzinfo)


def test_a_whole_page_is_no_time() -> None:
    assert resolve("friday " * 1000, NOW) is None
