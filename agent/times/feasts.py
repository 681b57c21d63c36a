"""Days that have a name of their own."""

from datetime import date, timedelta

from agent.times.almanac import next_year_that_fits

_FIXED = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "nye": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year's": (1, 1),
    "new year": (1, 1),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
    "valentines day": (2, 14),
    "valentine's": (2, 14),
    "epiphany": (1, 6),
    "midsummer day": (6, 24),
    "all saints day": (11, 1),
    "saint nicholas day": (12, 6),
}
_FROM_EASTER = {
    "carnival monday": -48,
    "shrove tuesday": -47,
    "ash wednesday": -46,
    "palm sunday": -7,
    "maundy thursday": -3,
    "good friday": -2,
    "easter": 0,
    "easter sunday": 0,
    "easter monday": 1,
    "ascension day": 39,
    "whit sunday": 49,
    "whit monday": 50,
}

FEAST = "(?:" + "|".join(sorted([*_FIXED, *_FROM_EASTER], key=len, reverse=True)) + ")"


def feast(name: str, today: date) -> date | None:
    """The next one, today included."""
    if name in _FIXED:
        return next_year_that_fits(today, *_FIXED[name])
    shift = timedelta(days=_FROM_EASTER[name])
    return next(day for year in (today.year, today.year + 1) if (day := easter(year) + shift) >= today)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)
