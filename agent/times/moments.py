"""`resolve`: a time as said, made exact. Which day, what time of it, and what was left open.

Reads the offset ("in 20 minutes"), the day, the clock and the part of the day out of the text; fillers may remain, any
other word means that this is no time. Wall-clock arithmetic is done without zone and pinned to it at the end, so that
"tomorrow at 9" is 9 on days of 23 and 25 hours too.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial

from agent.times.almanac import DAY, MONTHLY, Span, add_months, next_month_that_fits
from agent.times.clocks import Clock, choose, take_clock, take_interval
from agent.times.days import RULES as DAY_RULES
from agent.times.days import WEEKDAY_RULE, Meaning
from agent.times.lengths import LENGTH, Length, plain_idioms, read_length
from agent.times.parts import NOW, Part, take_part
from agent.times.periods import RULES as PERIOD_RULES
from agent.times.reading import Reading, rule_pattern
from agent.times.words import ready


class Kind(StrEnum):
    MOMENT = "moment"  # a time of day was said
    PART = "part"  # a part of a day; `start` is when to remind, `end` when the part is over
    DAY = "day"
    PERIOD = "period"  # several days


@dataclass(frozen=True, slots=True)
class When:
    """`start`: aware, in the zone of `now`; midnight where no time of day was said. `end`: when it is over, if said."""

    start: datetime
    has_time: bool
    end: datetime | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a text holds. `offset`: from now; `until`: the end of "from 2 to 4"."""

    offset: Length | None = None
    span: Span | None = None
    clock: Clock | None = None
    until: Clock | None = None
    part: Part | None = None
    at_once: bool = False


WEEKLY = 7
WAKING_HOUR = 7  # a bare "at 9" is not meant for the small hours
NIGHT_ENDS = 6
AN_HOUR = timedelta(hours=1)
_OFFSET = rule_pattern(
    rf"(?:in|within|after) (?P<length>{LENGTH})(?:'s?)?(?: time)?|(?P<later>{LENGTH}) (?:from now|later)"
)
_WEEKDAY = WEEKDAY_RULE[0]
_NOW_IS = rule_pattern(NOW.pattern)


def resolve(text: str, now: datetime, language: str = "en") -> When | None:
    """The time that `text` says, seen from `now` (aware, in the user's zone); None when it says none."""
    pieces = read(text, now.date(), language)
    if pieces is not None:
        return _composed(pieces, now)
    from agent.times.foreign import by_dateparser

    found = by_dateparser(text, now, language)
    if found is None:
        return None
    wall, has_time = found
    if not has_time:
        return _composed(Pieces(span=Span.day(wall.date())), now)
    return When(_pinned(wall, now), True, None, Kind.MOMENT)


def read(text: str, today: date, language: str = "en") -> Pieces | None:
    """What the rules find, in English or through a table of words; None unless they account for the whole text."""
    from agent.times.foreign import in_english, own_first

    found = None if own_first(text, language) else read_english(text, today)
    if found is not None:
        return found
    return next((found for said in in_english(text, language) if (found := read_english(said, today))), None)


def read_english(text: str, today: date) -> Pieces | None:
    said = plain_idioms(ready(text))
    reading = Reading(said)
    if not said:
        return None
    offset, span = _take_offset(reading), _take_span(reading, today)
    at_once, part = reading.take(_NOW_IS) is not None, take_part(reading)
    take_part(reading)  # "at 10 in the evening tonight" says it twice
    interval = take_interval(reading)
    clock, until = interval or (take_clock(reading), None)
    if not reading.finished() or not (offset or span or clock or part or at_once):
        return None
    return Pieces(offset, span, clock, until, part, at_once)


def _take_offset(reading: Reading) -> Length | None:
    match = reading.take(_OFFSET)
    return read_length(match["length"] or match["later"]) if match else None


def _take_span(reading: Reading, today: date) -> Span | None:
    weekdays = len(_WEEKDAY.findall(reading.left))
    span = reading.first([(pattern, partial(_meant, meaning, today)) for pattern, meaning in DAY_RULES])
    if span is None:
        return reading.first([(pattern, partial(_meant, meaning, today)) for pattern, meaning in PERIOD_RULES])
    if len(_WEEKDAY.findall(reading.left)) == weekdays:
        reading.take(_WEEKDAY)  # "Friday, 13 March": the date decides; "Monday and Thursday" is more than one day
    return span


def _meant(meaning: Meaning, today: date, match: re.Match[str]) -> Span | None:
    return meaning(match, today)


def _composed(pieces: Pieces, now: datetime) -> When:
    if pieces.offset or pieces.at_once:
        return _from_now(pieces, now)
    if pieces.clock is not None:
        return _at(pieces, pieces.clock, now)
    if pieces.part is not None:
        return _part_of(pieces, pieces.part, now)
    assert pieces.span is not None  # _says_something
    return _whole(pieces.span, now)


def _from_now(pieces: Pieces, now: datetime) -> When:
    """Hours count on the clock, days and more on the calendar: "in 3 days" is a day, "in 72 hours" a moment."""
    offset = pieces.offset or Length()
    day = add_months(now.date(), offset.months) + offset.days * DAY
    if offset.seconds or day == now.date():
        start = _pinned(datetime.combine(day, now.time()), now).astimezone(UTC) + timedelta(seconds=offset.seconds)
        return When(start.astimezone(now.tzinfo).replace(microsecond=0), True, None, Kind.MOMENT)
    return _composed(Pieces(None, Span.day(day), pieces.clock, pieces.until, pieces.part), now)


def _whole(span: Span, now: datetime) -> When:
    first, after = span.first, span.after
    if span.rolls == WEEKLY and first == now.date():  # "friday", said on a Friday: who means today says so
        first, after = first + WEEKLY * DAY, after + WEEKLY * DAY
    return When(
        pinned_minute(first, 0, now), False, pinned_minute(after, 0, now), Kind.DAY if span.single else Kind.PERIOD
    )


def _part_of(pieces: Pieces, part: Part, now: datetime) -> When:
    day = pieces.span.first if pieces.span else now.date()
    over = part.at if pieces.span is None else part.ends  # "in the morning", said at ten, is tomorrow's
    if pinned_minute(day, over, now) <= now and not part.today:
        day = _next_day(pieces.span, day)
    start, end = pinned_minute(day, part.at, now), pinned_minute(day, part.ends, now)
    if start <= now < end:  # its usual hour is over, it is not
        start = min(now.replace(second=0, microsecond=0) + AN_HOUR, end)
    return When(start, True, end, Kind.PART) if end > start else When(start, True, None, Kind.MOMENT)


def _at(pieces: Pieces, clock: Clock, now: datetime) -> When:
    """A time of day: on the day that was said, else on the first day on which it lies ahead."""
    day = pieces.span.first if pieces.span else now.date()
    if pieces.part:
        clock = choose(clock, pieces.part.name)
        day += DAY * (pieces.part.name == "night" and clock.hour < NIGHT_ENDS <= now.hour)
    if pieces.span and pieces.span.literal:
        clock = Clock(clock.hour, clock.minute)
    likely = _likely(clock)
    fixed = clock.sure or (pieces.span and (pieces.span.rolls or pieces.span.dated))
    readings = [likely] if fixed else [clock.am(), clock.pm()]
    start = _first_ahead(readings, likely, day, now)
    if start <= now and not (pieces.part and pieces.part.today):
        start = _first_ahead([likely], likely, _next_day(pieces.span, day), now)
    return When(start, True, _until(pieces.until, start, now), Kind.MOMENT)


def _first_ahead(readings: list[Clock], likely: Clock, day: date, now: datetime) -> datetime:
    """The reading that is next on the day that is now; the likelier one on any other day, or when all are over."""
    awake = min(WAKING_HOUR, now.hour)
    starts = [pinned_minute(day, clock.hour * 60 + clock.minute, now) for clock in readings if clock.hour >= awake]
    usual = pinned_minute(day, likely.hour * 60 + likely.minute, now)
    return next((start for start in starts if start > now), usual) if day == now.date() else usual


def _likely(clock: Clock) -> Clock:
    """An unsure hour on a day to come: 1 to 6 is in the afternoon, 7 to 11 in the morning, 12 is noon."""
    if clock.sure or clock.hour == 12:
        return Clock(clock.hour, clock.minute)
    return clock.pm() if clock.hour < WAKING_HOUR else clock.am()


def _next_day(span: Span | None, day: date) -> date:
    """Where a time that is over goes: nowhere from a fixed day, else to the next such day."""
    if span is None or not span.single:
        return day + DAY
    if span.rolls == MONTHLY:
        return next_month_that_fits(day + DAY, day.day) or day
    return day + span.rolls * DAY


def _until(clock: Clock | None, start: datetime, now: datetime) -> datetime | None:
    if clock is None:
        return None
    readings = [clock] if clock.sure else [clock.am(), clock.pm()]
    ends = [pinned_minute(start.date() + day * DAY, r.hour * 60 + r.minute, now) for day in (0, 1) for r in readings]
    return min(end for end in ends if end > start)


def pinned_minute(day: date, minutes: int, now: datetime) -> datetime:
    return _pinned(datetime.combine(day, time()) + timedelta(minutes=minutes), now)


def _pinned(wall: datetime, now: datetime) -> datetime:
    """Wall-clock time in the zone of `now`: one that summer time skips moves on by the gap, of two the first counts."""
    return wall.replace(tzinfo=now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)
