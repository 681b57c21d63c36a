"""Calendar arithmetic: a span of days, and which month, weekday or date lies ahead."""

from dataclasses import dataclass
from datetime import date, timedelta

from agent.times.words import MONTHS

MONTHLY = 31
DAY = timedelta(days=1)
YEAR_MIN, YEAR_MAX = 1970, 2200
LEAP_GAP_MAX = 8  # years between two leap years at most


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to and without `after`.

    `single`: one day was meant. `rolls`: how a day that proves to be today and over moves on: by so many days, or
    MONTHLY; 0: it stays. `dated`: a date was written out, so "at 9" on it is not tonight. `literal`: in ISO form, so
    its clock is read as it stands.
    """

    first: date
    after: date
    single: bool = True
    rolls: int = 0
    dated: bool = False
    literal: bool = False

    @classmethod
    def day(cls, first: date, rolls: int = 0) -> "Span":
        return cls(first, first + DAY, rolls=rolls)

    @classmethod
    def period(cls, first: date, after: date) -> "Span":
        return cls(first, after, single=False)


def safe_date(year: int, month: int, day: int) -> date | None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # no such day: 31 February
        return None


def add_months(start: date, months: int) -> date:
    """The same day `months` on, or the last day of that month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY).day
    return date(year, month + 1, min(start.day, last))


def month_span(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, add_months(first, 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_ahead(today: date, said: str) -> tuple[date, date]:
    """First and end of the next month of that name; the present month counts."""
    month = MONTHS[said.rstrip(".")]
    return month_span(today.year + (month < today.month), month)


def next_year_that_fits(today: date, month: int, day: int) -> date | None:
    """The next such day from today on; 29 February waits for its year."""
    return next(
        (found for year in range(9) if (found := safe_date(today.year + year, month, day)) and found >= today), None
    )


def next_month_that_fits(today: date, day: int) -> date | None:
    starts = (add_months(today.replace(day=1), month) for month in range(4))
    return next(
        (found for first in starts if (found := safe_date(first.year, first.month, day)) and found >= today), None
    )


def weekday_ahead(today: date, weekday: int, *, count_today: bool = True) -> date:
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or count_today else 7)
