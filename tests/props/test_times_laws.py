"""Laws of the time parser: it never fails, whatever is typed, and reads back what is written out in full."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from agent.times import duration, resolve, resolve_range

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001  a zone is added by each law
WORDS = st.sampled_from(
    (
        "next", "this", "last", "friday", "the", "31st", "of", "march", "at", "9", "14:30", "half", "past", "quarter",
        "to", "tomorrow", "week", "in", "minutes", "2", "first", "noon", "am", "pm", "years", "999999", "-",
    )
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join)), MOMENTS, ZONES)
def test_any_text_has_a_time_or_none(text: str, wall: datetime, zone: str) -> None:
    now = wall.replace(tzinfo=ZoneInfo(zone))
    when = resolve(text, now)
    if when is not None:
        assert when.start.tzinfo is now.tzinfo
        assert when.end is None or when.end.timestamp() > when.start.timestamp()
    span = resolve_range(text, now)
    assert span is None or span[0].timestamp() <= span[1].timestamp()
    length = duration(text)
    assert length is None or length > timedelta(0)


@given(MOMENTS, MOMENTS)
def test_a_moment_in_full_is_itself(wall: datetime, said: datetime) -> None:
    when = resolve(f"{said:%Y-%m-%d %H:%M}", wall.replace(tzinfo=ZoneInfo("UTC")))
    assert when is not None
    assert when.start.replace(tzinfo=None) == said.replace(second=0, microsecond=0)


@given(MOMENTS, st.integers(1, 100_000))
def test_minutes_ahead_are_exact(wall: datetime, minutes: int) -> None:
    now = wall.replace(microsecond=0, tzinfo=ZoneInfo("Europe/Berlin"))
    when = resolve(f"in {minutes} minutes", now)
    assert when is not None
    assert when.start.timestamp() - now.timestamp() == minutes * 60


@given(st.integers(0, 500), st.integers(0, 59), st.integers(0, 59))
def test_lengths_in_full_are_themselves(hours: int, minutes: int, seconds: int) -> None:
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    expected = length or None
    assert duration(f"{hours} hours {minutes} minutes and {seconds} seconds") == expected
