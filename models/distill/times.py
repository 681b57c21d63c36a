"""Times and durations as people say them. A value comes with the preposition that stays outside it: on [Friday]."""

from __future__ import annotations

import random
from collections.abc import Callable

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = ("mon", "tue", "tues", "wed", "thu", "thurs", "fri", "sat", "sun")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "oct", "nov", "dec")  # fmt: skip
_PARTS = ("morning", "afternoon", "evening", "night", "lunchtime")
_WORDS = ("two", "three", "four", "five", "six", "ten", "twenty", "thirty", "ninety", "a couple of", "a few")
Made = tuple[str, str]


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 < number < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _weekday(rng: random.Random) -> str:
    day = rng.choice(_DAYS if rng.random() < 0.85 else _SHORT)
    return day.capitalize() if rng.random() < 0.45 else day


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 31), rng.choice(_MONTHS), rng.randint(2024, 2028)
    if rng.random() < 0.5:
        month = month.capitalize()
    number = rng.randint(1, 12)
    return rng.choice((
        f"{month} {_ordinal(day)}", f"{month} {day}", f"{day} {month}", f"the {_ordinal(day)}",
        f"{_ordinal(day)} {month}",
        f"the {_ordinal(day)} of {month}", f"{_ordinal(day)} of {month}", f"{year}-{number:02}-{min(day, 28):02}",
        f"{day}/{number}", f"{day}.{number}.", f"{day} of {month}", f"{day}.{number}.{year}", f"the {day} {month}",
    ))  # fmt: skip


def _day(rng: random.Random) -> Made:
    pick = rng.random()
    if pick < 0.36:
        return rng.choice(("on ", "on ", "on ", "by ", "", "for ", "before ", "until ")), _weekday(rng)
    if pick < 0.5:
        return rng.choice(("", "", "", "by ", "for ")), rng.choice(("tomorrow", "tomorrow", "today", "tmrw", "tomorow"))
    if pick < 0.64:
        return rng.choice(("", "", "by ", "for ")), f"{rng.choice(('next', 'this', 'next', 'coming'))} {_weekday(rng)}"
    if pick < 0.92:
        return rng.choice(("on ", "on ", "by ", "", "for ", "before ", "until ")), _date(rng)
    return rng.choice(("", "by ", "for ")), rng.choice(("day after tomorrow", "the day after tomorrow", "the weekend",
        "new year's eve", "christmas eve", "easter monday", "this weekend", "next weekend", "tonight"))  # fmt: skip


def clock(rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice((0, 5, 10, 15, 15, 20, 30, 30, 40, 45, 50))
    long = rng.randint(6, 23)
    return rng.choice((
        f"{hour}", f"{hour}pm", f"{hour}am", f"{hour} pm", f"{hour} am", f"{hour}:{minute:02}", f"{long}:{minute:02}",
        f"{long}:{minute:02}", f"{hour}.{minute:02}", f"{hour}:{minute:02}{rng.choice(('am', 'pm', ' pm'))}",
        f"{hour}ish",
        f"half past {hour}", f"half {hour}", f"quarter past {hour}", f"quarter to {hour}", f"{hour} o'clock", "noon",
        f"{long}h{minute:02}", f"{long}h", "midnight", f"{hour} in the {rng.choice(_PARTS[:3])}",
        f"a quarter to {hour}",
        f"{hour} o clock", rng.choice(("nine", "ten", "eleven", "six", "seven", "eight", "five thirty", "two")),
    ))  # fmt: skip


def span_of_time(rng: random.Random) -> str:
    number = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 60, 75, 90, 100))
    short = rng.choice(("min", "mins", "h", "hr", "hrs", "s", "sec", "m", "secs"))
    long = rng.choice(("minutes", "minutes", "minutes", "hours", "seconds", "minute", "hour", "minuts"))
    return rng.choice((
        f"{number} {long}", f"{number} {long}", f"{number} {short}", f"{number}{short}", f"{number} {long}",
        f"{rng.choice(_WORDS[:9])} {rng.choice(('minutes', 'hours', 'minutes', 'seconds'))}", "an hour", "half an hour",
        "an hour and a half", "a quarter of an hour", "one hour", "1 hour 20 minutes",
        f"{number} {long} and 30 seconds",
        f"{rng.randint(1, 4)}h{rng.choice((15, 20, 30, 45))}", "a minute", "90 seconds", "two and a half hours",
        f"{rng.randint(1, 3)} hours {number} minutes", "the whole day" if rng.random() < 0.2 else "45 minutes",
    ))  # fmt: skip


def _relative(rng: random.Random) -> Made:
    unit = rng.choice(("days", "weeks", "hours", "minutes", "minutes", "months", "days"))
    return "", rng.choice((
        f"in {rng.randint(2, 50)} {unit}", f"in {rng.choice(_WORDS)} {unit}", "in an hour", "in half an hour",
        "in a week",
        f"in {span_of_time(rng)}", "in a fortnight", f"a week from {_weekday(rng)}", "in a bit", "in a month",
    ))  # fmt: skip


def _vague(rng: random.Random) -> Made:
    month = rng.choice(_MONTHS[:12])
    return rng.choice(("", "by ", "before ", "")), rng.choice((
        "next week", "the end of the week", "end of day", "the end of the month", "next month", "close of business",
        f"close of business {_weekday(rng)}", f"the {rng.choice(('first', 'last', 'second'))} week of {month}",
        f"the end of {month}", "tonight", "this evening", "this afternoon", "after lunch", "end of the month",
        "lunchtime",
        f"first thing {_weekday(rng)}", "first thing tomorrow", f"early {month}", f"mid {month}", f"{month}",
        "later today",
        "next spring", "bedtime", "EOD", f"EOD {_weekday(rng)}", "the end of next week", "tomorrow first thing",
        f"the {rng.choice(('first', 'last'))} {_weekday(rng)} of {month}", f"{_weekday(rng)} next week",
    ))  # fmt: skip


def _moment(rng: random.Random) -> Made:
    """A day with a time, in either order."""
    before, day = _day(rng)
    time = clock(rng)
    return rng.choice((
        (before, f"{day} at {time}"), (before, f"{day} at {time}"), (before, f"{day} {time}"),
        (before, f"{day}, {time}"), ("", f"{time} {day}"), ("", f"{time} tonight"), ("at ", f"{time} tomorrow"),
        ("at ", f"{time} {day}"), (rng.choice(("at ", "for ", "")), f"{time} on {day}"),
        (before, f"{day} {rng.choice(_PARTS)}"), (before, f"{day} {rng.choice(_PARTS)} at {time}"),
        (before, f"{day} @ {time}"), (before, f"{day} around {time}"),
    ))  # fmt: skip


def when(rng: random.Random) -> Made:
    pick = rng.random()
    if pick < 0.36:
        return _day(rng)
    if pick < 0.66:
        return _moment(rng)
    if pick < 0.78:
        return rng.choice(("at ", "at ", "by ")), clock(rng)
    return _relative(rng) if pick < 0.9 else _vague(rng)


def slot(rng: random.Random) -> Made:
    """When an appointment is: mostly day and time."""
    pick = rng.random()
    return _moment(rng) if pick < 0.68 else _day(rng) if pick < 0.92 else (rng.choice(("at ", "for ")), clock(rng))


def period(rng: random.Random) -> Made:
    """What a list is asked for: today, this week, Friday."""
    return rng.choice(("for ", "for ", "", "on ")) if rng.random() < 0.4 else "", rng.choice((
        "today", "tomorrow", "this week", "next week", _weekday(rng), f"next {_weekday(rng)}", "tonight", "this month",
        "this afternoon", "this evening", "the weekend", "this weekend", "tomorrow morning", "next month", _date(rng),
        f"{_weekday(rng)} {rng.choice(_PARTS[:3])}", "the rest of the week", "the rest of the day", "in march", "today",
        "the next two weeks", "tomorrow afternoon", "the coming week", f"this {_weekday(rng)}", "tomorrow", "this week",
    ))  # fmt: skip


TIME_KINDS: dict[str, Callable[[random.Random], Made]] = {
    "when": when,
    "slot": slot,
    "period": period,
    "duration": lambda rng: ("for ", span_of_time(rng)),
    "day": _day,
    "clock": lambda rng: ("at ", clock(rng)),
    "relative": _relative,
}
