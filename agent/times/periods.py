"""Periods longer than a day: "next week", "first week of march", "weekend", "rest of the month", "in march"."""

import re
from datetime import date, timedelta

from agent.times.almanac import DAY, Span, add_months, monday_of, month_ahead, month_span
from agent.times.days import DayRule
from agent.times.feasts import feast
from agent.times.reading import rule_pattern
from agent.times.words import MONTH

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # northern; first of three months
_AHEAD = {"next": 1, "last": -1, "coming": 1, "following": 1}


def _week(match: re.Match[str], today: date) -> Span:
    """A calendar week, Monday to Sunday; of the present one what is left."""
    ahead = _AHEAD.get(match["how"] or "", 0)
    first = monday_of(today) + timedelta(weeks=ahead)
    return Span.period(max(first, today) if ahead == 0 else first, first + 7 * DAY)


def _calendar_week(match: re.Match[str], today: date) -> Span | None:
    """By its number; one that is over is next year's."""
    number = int(match["number"])
    for year in (today.year, today.year + 1):
        first = monday_of(date(year, 1, 4)) + timedelta(weeks=number - 1)  # 4 January is always in the first week
        if first + 7 * DAY > today:
            return Span.period(first, first + 7 * DAY) if 1 <= number <= 53 else None
    return None


def _holy_week(_match: re.Match[str], today: date) -> Span | None:
    easter = feast("easter", today)
    return Span.period(easter - 7 * DAY, easter + DAY) if easter else None


def _week_of_month(match: re.Match[str], today: date) -> Span:
    """Seven days each: the 1st to the 7th, the 8th to the 14th; the last is the last seven."""
    first, after = _month_meant(match, today)
    if match["which"] == "last":
        return Span.period(after - 7 * DAY, after)
    begins = first + timedelta(weeks=int(match["which"][0]) - 1)
    return Span.period(begins, min(begins + 7 * DAY, after))


def _third_of_month(match: re.Match[str], today: date) -> Span:
    """early: up to the 10th; late: from the 21st."""
    first, after = _month_meant(match, today)
    early = match["which"] == "early"
    return Span.period(first, first + 10 * DAY) if early else Span.period(first + 20 * DAY, after)


def _month_meant(match: re.Match[str], today: date) -> tuple[date, date]:
    if match["month"]:
        return month_ahead(today, match["month"])
    first = add_months(today.replace(day=1), 1 if match["next"] else 0)
    return first, add_months(first, 1)


def _named_month(match: re.Match[str], today: date) -> Span:
    """The month of that name ahead; the present one from today, unless "next" was said."""
    first, after = month_ahead(today, match["month"])
    if match["year"]:
        return Span.period(*month_span(int(match["year"]), first.month))
    if match["how"] == "next" and first <= today:
        first, after = add_months(first, 12), add_months(after, 12)
    return Span.period(max(first, today), after)


def _month_of_next_year(match: re.Match[str], today: date) -> Span:
    return Span.period(*month_span(today.year + 1, month_ahead(today, match["month"])[0].month))


def _month(match: re.Match[str], today: date) -> Span:
    ahead = _AHEAD.get(match["how"] or "", 0)
    first, after = month_span(*_year_month(today, ahead))
    return Span.period(max(first, today) if ahead == 0 else first, after)


def _year_month(today: date, ahead: int) -> tuple[int, int]:
    first = add_months(today.replace(day=1), ahead)
    return first.year, first.month


def _year(match: re.Match[str], today: date) -> Span:
    ahead = _AHEAD.get(match["how"] or "", 0)
    return Span.period(today if ahead == 0 else date(today.year + ahead, 1, 1), date(today.year + ahead + 1, 1, 1))


def _weekend(match: re.Match[str], today: date) -> Span:
    """Saturday and Sunday of this week; "next weekend" of the next one."""
    saturday = monday_of(today) + timedelta(days=5 + 7 * (match["how"] == "next") - 7 * (match["how"] == "last"))
    return Span.period(max(saturday, today) if match["how"] != "last" else saturday, saturday + 2 * DAY)


def _rest(match: re.Match[str], today: date) -> Span:
    what = match["what"]
    ends = {"day": today + DAY, "week": monday_of(today) + 7 * DAY, "year": date(today.year + 1, 1, 1)}
    return Span.period(today, ends.get(what) or month_span(today.year, today.month)[1])


def _next_few(match: re.Match[str], today: date) -> Span:
    number = int(match["number"]) if match["number"].isdigit() else 1
    units = {"day": 1, "week": 7, "fortnight": 14}
    unit = match["unit"].rstrip("s")
    after = add_months(today, number) if unit == "month" else today + timedelta(days=number * units[unit])
    return Span.period(today, after)


def _season(match: re.Match[str], today: date) -> Span:
    month = SEASONS[match["season"]]
    first = date(today.year, month, 1)
    if add_months(first, 3) <= today or (match["how"] == "next" and first <= today):
        first = add_months(first, 12)
    return Span.period(first, add_months(first, 3))


_HOW = r"(?:the )?(?:(?P<how>next|this|last|coming|following) )"

RULES: tuple[DayRule, ...] = (
    (rule_pattern(rf"(?:the )?(?P<which>1st|2nd|3rd|4th|last) week(?: of| in)? "
                  rf"(?:(?P<month>{MONTH})|(?:the |this |(?P<next>next ))?month)"), _week_of_month),
    (rule_pattern(rf"(?P<which>early|late)(?: in)? (?:(?P<month>{MONTH})|(?:the |this |(?P<next>next ))?month)"),
     _third_of_month),
    (rule_pattern(r"calendar week (?P<number>\d{1,2})"), _calendar_week),
    (rule_pattern(r"holy week"), _holy_week),
    (rule_pattern(rf"(?P<month>{MONTH})(?: of)? next year"), _month_of_next_year),
    (rule_pattern(r"(?:the )?week after next"), lambda _m, today: Span.period(
        monday_of(today) + 14 * DAY, monday_of(today) + 21 * DAY)),
    (rule_pattern(r"(?:the )?(?:rest|remainder) of (?:the |this )?(?P<what>day|week|month|year)"), _rest),
    (rule_pattern(r"(?:the )?(?:next|coming|following) (?P<number>\d{1,2}|couple of|few) "
                  r"(?P<unit>days|weeks|months|fortnights?)"), _next_few),
    (rule_pattern(rf"(?:{_HOW}|the |at the |over the )?weekend"), _weekend),
    (rule_pattern(rf"{_HOW}week|(?:the )?week"), _week),
    (rule_pattern(rf"{_HOW}month|(?:the )?month"), _month),
    (rule_pattern(rf"{_HOW}year"), _year),
    (rule_pattern(rf"{_HOW}?(?P<season>{'|'.join(SEASONS)})"), _season),
    (rule_pattern(rf"{_HOW}?(?P<month>{MONTH})(?:,? (?P<year>\d{{4}}))?"), _named_month),
)  # fmt: skip
