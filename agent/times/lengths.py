"""Lengths of time: "45 seconds", "3 minute", "an hour and a half", "1h30", "two and a half hours"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from agent.times.words import ready

DAYS_OF_A_MONTH = 30  # where a month is asked for as a length; `resolve` counts real months instead
LENGTH_MAX = timedelta(days=366 * 10)

_UNITS = {
    "seconds": "seconds second secs sec s",
    "minutes": "minutes minute mins min m",
    "hours": "hours hour hrs hr h",
    "days": "days day d",
    "weeks": "weeks week w",
    "fortnights": "fortnights fortnight",
    "months": "months month",
    "years": "years year yrs yr",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_UNIT = "(?:" + "|".join(sorted(_UNIT_OF, key=len, reverse=True)) + r")(?![a-z])\.?"
_NUMBER = r"\d+(?:[.,]\d+)?"
_PIECE = rf"{_NUMBER}[ -]?{_UNIT}"
LENGTH = rf"{_PIECE}(?:(?: ?,? ?and | ?,? ?){_PIECE})*(?:(?: and)? ?\d{{1,2}}(?![\w:.]))?"

_PLAIN: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (  # idioms, before numbers are read
    (r"\b(?:the )?(?:whole|entire|full) day\b|\ball day\b|\ball-day\b", "1 day"),
    (r"\b(?:a )?couple (?:of )?", "2 "),
    (r"\b(?:a )?few ", "3 "),
    (r"\b(?:3 quarters|3-quarters?|3/4) (?:of )?an? hours?\b", "45 minutes"),
    (r"\b(?:an? )?quarter(?: of)? an hour\b|\b(?:a |1 )?quarter-?(?: |)hour\b", "15 minutes"),
    (r"\bhalf(?: of)? an hour\b|\b(?:a )?half[- ]hour\b", "30 minutes"),
    (r"\bhalf(?: of)? a minute\b|\b(?:a )?half[- ]minute\b", "30 seconds"),
    (r"\bhalf(?: of)? a day\b", "12 hours"),
    (r"\b(\d+) and a half\b|\b(\d+) 1/2\b|\b(\d+)½", lambda m: f"{m[1] or m[2] or m[3]}.5"),
    (rf"\b(?:an?|1) ({_UNIT}) and a half\b", r"1.5 \1"),
    (rf"\b(\d+) ({_UNIT}) and a half\b", r"\1.5 \2"),
    (rf"\b(\d+) ({_UNIT}) and a quarter\b", r"\1.25 \2"),
    (rf"\b(?:an?|1) ({_UNIT}) and a quarter\b", r"1.25 \1"),
    (rf"\b1 and a half ({_UNIT})", r"1.5 \1"),
    (rf"^({_UNIT}) and a half$", r"1.5 \1"),
    (r"\ban? (?=" + _UNIT + ")", "1 "),
)


@dataclass(frozen=True, slots=True)
class Length:
    """`months` and `days` are counted on the calendar, `seconds` on the clock."""

    months: int = 0
    days: int = 0
    seconds: float = 0.0

    def sane(self) -> bool:
        """More than nothing, and within LENGTH_MAX; asked before any date is counted on."""
        days = self.months * DAYS_OF_A_MONTH + self.days + self.seconds / 86_400
        return 0 < days <= LENGTH_MAX.days and (days >= 1 or round(self.seconds) > 0)

    def plain(self) -> timedelta:
        return timedelta(days=self.months * DAYS_OF_A_MONTH + self.days, seconds=round(self.seconds))


def plain_idioms(said: str) -> str:
    """Idioms of length as number and unit; `said` is `ready`."""
    for pattern, plain in _PLAIN:
        said = re.sub(pattern, plain, said)
    return said


def read_length(said: str) -> Length | None:
    """What a whole text says, such as "1 hour 20 minutes"; None if it is not one length, or none that makes sense."""
    length = _read(said)
    return length if length and length.sane() else None


def _read(said: str) -> Length | None:
    said = re.sub(r"^(?:for|about|around|lasting|takes?|roughly) ", "", plain_idioms(said)).strip()
    if clock := re.fullmatch(r"(\d{1,2}):(\d\d):(\d\d)", said):
        return Length(seconds=int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    if not re.fullmatch(LENGTH, said):
        return None
    pieces = re.findall(rf"({_NUMBER})[ -]?({_UNIT})", said)
    length = _sum([(float(number.replace(",", ".")), _UNIT_OF[unit.rstrip(".")]) for number, unit in pieces])
    return _with_rest(length, said, _UNIT_OF[pieces[-1][1].rstrip(".")])


def duration(text: str) -> timedelta | None:
    """How long `text` says, to the second; None when it says no length, nothing, or more than ten years."""
    length = read_length(ready(text)) or _foreign(text)
    return length.plain() if length else None


def _foreign(text: str) -> Length | None:
    from agent.times.foreign import in_english

    return next((length for said in in_english(text, "") if (length := read_length(ready(said)))), None)


def _sum(pieces: list[tuple[float, str]]) -> Length:
    months = days = seconds = 0.0
    for number, unit in pieces:
        seconds += number * {"seconds": 1, "minutes": 60, "hours": 3600}.get(unit, 0)
        days += number * {"days": 1, "weeks": 7, "fortnights": 14}.get(unit, 0)
        months += number * {"months": 1, "years": 12}.get(unit, 0)
    days += (months - int(months)) * DAYS_OF_A_MONTH
    return Length(int(months), int(days), seconds + (days - int(days)) * 86_400)


def _with_rest(length: Length, said: str, last: str) -> Length | None:
    """The bare number at the end of "1h30" or "an hour and 20": the next smaller unit."""
    rest = re.search(r"(?:\D)(\d{1,2})$", said)
    if not rest:
        return length
    smaller = {"hours": 60, "minutes": 1}.get(last)
    return None if smaller is None else Length(length.months, length.days, length.seconds + int(rest[1]) * smaller)
