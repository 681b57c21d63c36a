"""`resolve_range`: what a list is asked for. "monday" is that whole day, "this afternoon" its hours, "next week" seven
days; a moment stands for its day.
"""

import re
from datetime import date, datetime, timedelta

from agent.times.almanac import DAY
from agent.times.foreign import in_english
from agent.times.moments import Pieces, pinned_minute, read
from agent.times.words import ready

Range = tuple[datetime, datetime]
_BETWEEN = re.compile(r"^(?:from |between )?(?P<first>.+?) (?:to|until|till|through|-|and) (?P<last>.+)$")


def resolve_range(text: str, now: datetime, language: str = "en") -> Range | None:
    """From and until (exclusive), aware, in the zone of `now`; None when the text says no time."""
    pieces = read(text, now.date(), language)
    if pieces is not None:
        return _spanned(pieces, now)
    readings = (ready(said) for said in (text, *in_english(text, language)))
    return next((found for said in readings if (found := _between(said, now, language))), None)


def _between(said: str, now: datetime, language: str) -> Range | None:
    between = _BETWEEN.match(said)
    first = between and resolve_range(between["first"], now, language)
    last = between and first and _after(between["last"], first, now, language)
    return (first[0], last[1]) if first and last else None


def _after(said: str, first: Range, now: datetime, language: str) -> Range | None:
    """ "monday to friday", said on a Wednesday: the friday after that monday."""
    seen_from = (now, first[0])
    lasts = (resolve_range(said, here, language) for here in seen_from)
    return next((last for last in lasts if last and last[1] > first[0]), None)


def _spanned(pieces: Pieces, now: datetime) -> Range:
    first, after = _days(pieces, now)
    if pieces.part:
        begins, ends = pieces.part.begins, pieces.part.ends
        return pinned_minute(first, begins, now), pinned_minute(first, ends, now)
    return pinned_minute(first, 0, now), pinned_minute(after, 0, now)


def _days(pieces: Pieces, now: datetime) -> tuple[date, date]:
    if pieces.span:
        return pieces.span.first, pieces.span.after
    offset = pieces.offset
    if offset is None:
        return now.date(), now.date() + DAY
    day = (now + timedelta(seconds=offset.plain().total_seconds())).date()
    return day, day + DAY
