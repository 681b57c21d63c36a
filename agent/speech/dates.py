"""Times and durations as a language writes them, by the tables in its phrase book.

Times come as ISO 8601 in the user's zone ("2026-03-06T09:00:00+01:00"), a day alone as "2026-03-06".
"""

from collections.abc import Mapping
from datetime import date, datetime

from agent.speech.book import Book
from agent.speech.fill import fill

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def forms(name: str, value: str, book: Book, this_year: int) -> dict[str, str]:
    """The four forms of a time fact: `due`, `due_short`, `due_day`, and, if it has a time of day, `due_time`.

    Text that is no time stands for itself.
    """
    try:
        has_time = len(value) > len("2026-03-06")
        moment = datetime.fromisoformat(value) if has_time else date.fromisoformat(value)
    except ValueError:
        return {name: value, f"{name}_short": value, f"{name}_day": value, f"{name}_time": value}
    parts = _parts(moment, book.data["dates"])
    year = "" if moment.year == this_year else "_year"
    day, day_short = (fill(book.data["dates"][f"{form}{year}"], parts) for form in ("day", "day_short"))
    if not isinstance(moment, datetime):
        return {name: day, f"{name}_short": day_short, f"{name}_day": day}
    time = fill(book.data["dates"]["time"], parts)
    return {
        name: fill(book.data["dates"]["both"], {"day": day, "time": time}),
        f"{name}_short": fill(book.data["dates"]["both_short"], {"day": day_short, "time": f"{moment:%H:%M}"}),
        f"{name}_day": day,
        f"{name}_time": time,
    }


def _parts(moment: date, tables: Mapping[str, list[str]]) -> dict[str, str]:
    clock = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 a day has no zone
    return {
        "weekday": tables["days"][moment.weekday()],
        "weekday_short": tables["days_short"][moment.weekday()],
        "day": str(moment.day),
        "month": tables["months"][moment.month - 1],
        "month_short": tables["months_short"][moment.month - 1],
        "year": str(moment.year),
        "hour": f"{clock.hour:02}",
        "minute": f"{clock.minute:02}",
    }


def duration(seconds: float, book: Book, units_max: int = 2) -> str:
    """A duration in words: "1 hour 30 minutes"; at most `units_max` units, the rest cut off."""
    rest = max(0, round(seconds))
    said: list[str] = []
    for unit, size in UNITS:
        count, rest = divmod(rest, size)
        if count and len(said) < units_max:
            said.append(_counted(count, unit, book))
    return " ".join(said) or _counted(0, "second", book)


def _counted(count: int, unit: str, book: Book) -> str:
    one, many = book.data["units"][unit]
    return f"{count} {one if count == 1 else many}"
