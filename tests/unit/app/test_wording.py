from datetime import UTC, datetime, timedelta

import pytest

from app.presenters.wording import count, duration, one_line, size, when

NOW = datetime(2026, 11, 24, 14, 6, tzinfo=UTC)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (timedelta(minutes=-4), "14:02"),
        (timedelta(days=-1), "Yesterday 14:06"),
        (timedelta(days=1), "Tomorrow 14:06"),
        (timedelta(days=3), "Fri 14:06"),
        (timedelta(days=-30), "25 Oct"),
        (timedelta(days=-400), "20 Oct 2025"),
    ],
)
def test_when_is_as_exact_as_needed(shift: timedelta, words: str) -> None:
    assert when(ms(NOW + shift), ms(NOW), UTC) == words


def test_when_asks_the_calendar_not_the_hours() -> None:
    early = NOW.replace(hour=0, minute=10)
    assert when(ms(early - timedelta(minutes=20)), ms(early), UTC) == "Yesterday 23:50"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 KB"),
        (15_400_000, "15.4 MB"),
        (981_000_000, "981 MB"),
        (None, "unknown"),
    ],
)
def test_sizes(number: int | None, words: str) -> None:
    assert size(number) == words


def test_counts_and_durations() -> None:
    assert count(1, "document") == "1 document"
    assert count(1_204, "message") == "1,204 messages"
    assert duration(164.4) == "164 ms"
    assert duration(2_310) == "2.3 s"
    assert duration(None) == "unknown"


def test_one_line_never_grows() -> None:
    assert one_line("  two\n words ") == "two words"
    assert len(one_line("x" * 1_000_000, 90)) == 90
