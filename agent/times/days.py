"""Single days, from "2026-03-05" to "friday week".

The rules are tried in order, the more exact first; one that reads nonsense (31 February) declines and the next tries.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from agent.times.almanac import (
    DAY,
    MONTHLY,
    Span,
    add_months,
    monday_of,
    month_ahead,
    month_span,
    next_month_that_fits,
    next_year_that_fits,
    safe_date,
    weekday_ahead,
)
from agent.times.feasts import FEAST, feast
from agent.times.reading import rule_pattern
from agent.times.words import MONTH, MONTHS, WEEKDAY, WEEKDAYS

Meaning = Callable[[re.Match[str], date], Span | None]
DayRule = tuple[re.Pattern[str], Meaning]
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?(?![\d:h]|[.,]\d)"
_YEAR = r"(?:,? ?(?P<year>\d{4})(?![\d:h.]))?"
_WHICH = r"(?P<which>1st|2nd|3rd|4th|5th|last)"


def _one(day: date | None, rolls: int = 0) -> Span | None:
    return Span.day(day, rolls) if day else None


def _dated(day: date | None, *, literal: bool = False) -> Span | None:
    return Span(day, day + DAY, dated=True, literal=literal) if day else None


def _iso(match: re.Match[str], _today: date) -> Span | None:
    return _dated(safe_date(int(match[1]), int(match[2]), int(match[3])), literal=True)


def _numbers(match: re.Match[str], today: date) -> Span | None:
    """Day before month, as in most of the world; where that cannot be, month before day."""
    day, month, year = int(match[1]), int(match[2]), match[3]
    if month > 12 >= day:
        day, month = month, day
    if year:
        return _dated(safe_date(int(year) + (2000 if len(year) == 2 else 0), month, day))
    return _dated(next_year_that_fits(today, month, day)) if 1 <= month <= 12 else None


def _month_day(match: re.Match[str], today: date) -> Span | None:
    month, day = MONTHS[match["month"].rstrip(".")], int(match["day"])
    if match["year"]:
        return _dated(safe_date(int(match["year"]), month, day))
    return _dated(next_year_that_fits(today, month, day))


def _day_of_a_month(match: re.Match[str], today: date) -> Span | None:
    if match["of"] == "the":
        return _one(next_month_that_fits(today, int(match["day"])))
    first = add_months(today.replace(day=1), 1 if match["of"] == "next" else 0)
    return _one(safe_date(first.year, first.month, int(match["day"])))


def _weekday_number(match: re.Match[str]) -> int:
    return WEEKDAYS[match["weekday"].rstrip(".")]


def _which_weekday(match: re.Match[str], today: date) -> Span | None:
    """ "first monday of april", "last friday of the month" """
    named = match["month"]
    first, after = month_ahead(today, named) if named else month_span(today.year, today.month)
    for _ in range(2):  # this time round, else the next
        day = _nth_weekday(first, after, match["which"], _weekday_number(match))
        if day and day >= today and match["next"] is None:
            return _one(day)
        first = add_months(first, 12 if named else 1)
        after = add_months(first, 1)
    return _one(_nth_weekday(first, after, match["which"], _weekday_number(match)))


def _nth_weekday(first: date, after: date, which: str, weekday: int) -> date | None:
    if which == "last":
        return after - timedelta(days=(after.weekday() - weekday - 1) % 7 + 1)
    day = weekday_ahead(first, weekday) + timedelta(weeks=int(which[0]) - 1)
    return day if day < after else None


def _weekday(match: re.Match[str], today: date) -> Span | None:
    """next: in the next calendar week; last: the one gone by; otherwise the one ahead, today included."""
    number, how = _weekday_number(match), match["how"]
    if how == "next":
        return _one(monday_of(today) + timedelta(days=7 + number))
    if how == "last":
        return _one(weekday_ahead(today, number) - 7 * DAY)
    return _one(weekday_ahead(today, number), rolls=7 if how is None else 0)


def _weekday_of_next_week(match: re.Match[str], today: date) -> Span:
    return Span.day(monday_of(today) + timedelta(days=7 + _weekday_number(match)))


def _weekday_and_weeks(match: re.Match[str], today: date) -> Span:
    """ "friday week", "a week on friday", "2 weeks from monday" """
    weekday = weekday_ahead(today, _weekday_number(match), count_today=False)
    return Span.day(weekday + timedelta(weeks=_weeks(match)))


def _weeks_from(match: re.Match[str], today: date) -> Span:
    return Span.day(today + timedelta(weeks=_weeks(match), days=match["day"] == "tomorrow"))


def _weeks(match: re.Match[str]) -> int:
    return int(match["weeks"]) if match["weeks"].isdigit() else 1


def _end_of(match: re.Match[str], today: date) -> Span | None:
    """The last day of a month or year; of a week, its Friday."""
    what, following = match["what"], match["next"] is not None
    if what == "week":
        friday = monday_of(today) + timedelta(days=4 + 7 * following)
        return _one(friday if friday >= today else friday + 7 * DAY)
    if what == "year":
        return _one(date(today.year + following, 12, 31))
    if what == "month":
        return _one(month_span(*_year_month(today, int(following)))[1] - DAY)
    return _one(month_ahead(today, what)[1] - DAY)


def _end_of_quarter(_match: re.Match[str], today: date) -> Span | None:
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return _one(add_months(first, 3) - DAY)


def _week_of(match: re.Match[str], today: date) -> Span | None:
    """The calendar week of a date: "the week of the 6th", "the week of 6 may"."""
    month = match["month"]
    day = _month_day(match, today) if month else _one(next_month_that_fits(today, int(match["day"])))
    return Span.period(monday_of(day.first), monday_of(day.first) + 7 * DAY) if day else None


def _start_of(match: re.Match[str], today: date) -> Span | None:
    """The first day; of the week, month or year that is yet to come."""
    what = match["what"]
    if what == "week":
        return _one(monday_of(today) + 7 * DAY)
    if what == "year":
        return _one(date(today.year + 1, 1, 1))
    if what == "month":
        return _one(add_months(today.replace(day=1), 1))
    first = month_ahead(today, what)[0]
    return _one(first if first >= today else add_months(first, 12))


def _middle_of(match: re.Match[str], today: date) -> Span | None:
    what = match["what"]
    if what == "week":
        return _one(monday_of(today) + timedelta(days=2 if today.weekday() <= 2 and not match["next"] else 9))
    if what == "month":
        first = month_span(*_year_month(today, int(match["next"] is not None or today.day > 15)))[0]
        return _one(first.replace(day=15))
    return None if what == "year" else _one(next_year_that_fits(today, MONTHS[what.rstrip(".")], 15))


def _year_month(today: date, ahead: int) -> tuple[int, int]:
    first = add_months(today.replace(day=1), ahead)
    return first.year, first.month


_WHAT = rf"(?:the |this )?(?P<next>next )?(?P<what>week|month|year|{MONTH})"
_DAY_WORD = rf"(?P<weekday>{WEEKDAY})"
_RELATIVE = {"today": 0, "tomorrow": 1, "yesterday": -1, "later today": 0}

WEEKDAY_RULE: DayRule = (
    rule_pattern(rf"(?:(?P<how>next|this|last|coming|following|upcoming) )?{_DAY_WORD}s?"),
    _weekday,
)
RULES: tuple[DayRule, ...] = (
    (rule_pattern(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"), _iso),
    (rule_pattern(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d\d)"), _numbers),
    (rule_pattern(r"(\d{1,2})/(\d{1,2})()"), _numbers),
    (rule_pattern(r"(\d{1,2})\.(\d{1,2})\.()"), _numbers),
    (rule_pattern(r"on (?:the )?(\d{1,2})\.(0?[1-9]|1[0-2])()"), _numbers),
    (rule_pattern(r"(\d{1,2})\.([1-9])()"), _numbers),
    (rule_pattern(r"(2[5-9]|3[01])\.(\d{1,2})()"), _numbers),
    (rule_pattern(rf"{_WHICH} {_DAY_WORD}(?: of| in)? (?:(?P<month>{MONTH})|(?:the |this |(?P<next>next ))?month)"),
     _which_weekday),
    (rule_pattern(rf"(?:the )?(?:very )?(?:end|last day)(?: of)? {_WHAT}"), _end_of),
    (rule_pattern(r"(?:the )?end(?: of)?(?: the| this)? quarter"), _end_of_quarter),
    (rule_pattern(rf"(?:the )?week of (?:the )?{_NUMBER}(?:(?: of)? (?P<month>{MONTH}){_YEAR})?"), _week_of),
    (rule_pattern(rf"(?:the )?(?:start|beginning|first day|1st day)(?: of)? {_WHAT}"), _start_of),
    (rule_pattern(rf"(?:in )?(?:the )?(?:middle of|mid)[ -]{_WHAT}"), _middle_of),
    (rule_pattern(rf"(?:the )?{_NUMBER}(?: day)?(?: of)?(?: the)? ?-?(?P<month>{MONTH}){_YEAR}"), _month_day),
    (rule_pattern(rf"(?P<month>{MONTH}) (?:the )?{_NUMBER}{_YEAR}"), _month_day),
    (rule_pattern(FEAST), lambda m, today: _one(feast(m[0], today))),
    (rule_pattern(r"(?:the )?day after tomorrow|overmorrow"), lambda _m, today: Span.day(today + 2 * DAY)),
    (rule_pattern(r"(?:the )?day before yesterday"), lambda _m, today: Span.day(today - 2 * DAY)),
    (rule_pattern(r"(?P<weeks>an?|\d{1,2}) weeks? (?:from|after) (?P<day>today|tomorrow|now)"), _weeks_from),
    (rule_pattern(r"(?P<day>today|tomorrow) (?P<weeks>week)"), _weeks_from),
    (rule_pattern(rf"(?P<weeks>an?|\d{{1,2}}) weeks? (?:from|on|after|this) {_DAY_WORD}"), _weekday_and_weeks),
    (rule_pattern(rf"{_DAY_WORD}(?: of| in)?(?: the)? (?:next|coming) week"), _weekday_of_next_week),
    (rule_pattern(rf"next week(?: on)? {_DAY_WORD}"), _weekday_of_next_week),
    (rule_pattern(rf"{_DAY_WORD} (?P<weeks>week)"), _weekday_and_weeks),
    (rule_pattern(rf"{_DAY_WORD} after next"),
     lambda m, today: Span.day(monday_of(today) + timedelta(days=14 + _weekday_number(m)))),
    (rule_pattern(r"later today|today|tomorrow|yesterday"), lambda m, today: Span.day(today + _RELATIVE[m[0]] * DAY)),
    (rule_pattern(r"(?:the )?next day"), lambda _m, today: Span.day(today + DAY)),
    (rule_pattern(rf"(?:the )?{_NUMBER} of (?P<of>this|the|next) month"), _day_of_a_month),
    (rule_pattern(r"the (?P<day>\d{1,2})(?!\d|:|h|\.\d)|(?P<nth>\d{1,2})(?:st|nd|rd|th)(?! (?:week|thing))"),
     lambda m, today: _one(next_month_that_fits(today, int(m["day"] or m["nth"])), rolls=MONTHLY)),
    WEEKDAY_RULE,
)  # fmt: skip
