"""Times of day: "16:50", "quarter past 4", "17h30", "10.15", "nine", "half seven".

A reading is `sure` when it can mean one moment of the day only: with am or pm, from 13 up, or written as 09:00. The
others wait for the day and the part of the day to decide.
"""

import re
from dataclasses import dataclass

from agent.times.reading import Reading, Rule, rule_pattern


@dataclass(frozen=True, slots=True)
class Clock:
    hour: int  # 0 to 24; 24 is the midnight that ends the day
    minute: int = 0
    sure: bool = True

    def pm(self) -> "Clock":
        return Clock(self.hour % 12 + 12, self.minute)

    def am(self) -> "Clock":
        return Clock(self.hour % 12, self.minute)


_HALF_DAY = r"(?: ?(am|pm|a|p))"
_FRACTION = {"quarter": 15, "half": 30}
_HOUR = r"(\d{1,2})"
_MINUTE = r"([0-5]\d)"


def _made(hour: str, minute: str = "0", half: str | None = None) -> Clock | None:
    hours, minutes = int(hour), int(minute)
    if half:
        if not 1 <= hours <= 12:
            return Clock(hours, minutes) if 12 < hours < 24 and half[0] == "p" else None
        clock = Clock(hours, minutes)
        return clock.pm() if half[0] == "p" else clock.am()
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        return None
    return Clock(hours, minutes, sure=hours == 0 or hours > 12 or (len(hour) == 2 and hour[0] == "0"))


def _minutes(said: str) -> int:
    return _FRACTION[said] if said in _FRACTION else int(said)


def _past(match: re.Match[str]) -> Clock | None:
    made = _made(match["hour"], "0", match["half"])
    minute = _minutes(match["minutes"])
    return Clock(made.hour, minute, made.sure) if made and minute < 60 else None


def _to(match: re.Match[str]) -> Clock | None:
    made, minute = _made(match["hour"], "0", match["half"]), _minutes(match["minutes"])
    if not made or not 0 < minute < 60:
        return None
    hour = made.hour - 1 if made.sure else (made.hour - 2) % 12 + 1
    return Clock(hour % 24, 60 - minute, made.sure)


_SPOKEN = (
    r"(?:a )?(?P<minutes>quarter|half|\d{1,2})(?: minutes?| min)? (?P<way>%s) "
    r"(?P<hour>\d{1,2})(?: o'clock)?(?: ?(?P<half>am|pm))?"
)
_NAMED = {"noon": Clock(12), "midnight": Clock(24)}

RULES: tuple[Rule[Clock], ...] = (
    (rule_pattern(_SPOKEN % "past|after"), _past),
    (rule_pattern(_SPOKEN % "to|before|of|til|till"), _to),
    (
        rule_pattern(r"half[ -](?P<hour>\d{1,2})(?: ?(?P<half>am|pm))?"),
        lambda m: (made := _made(m["hour"], "0", m["half"])) and Clock(made.hour, 30, made.sure),
    ),
    (rule_pattern(rf"{_HOUR}:{_MINUTE}(?::\d\d)?{_HALF_DAY}?(?: o'clock| h| uhr)?"),
     lambda m: _made(m[1], m[2], m[3])),
    (rule_pattern(rf"{_HOUR}\.{_MINUTE}{_HALF_DAY}?(?: o'clock| h| uhr)?(?!\.?\d)"), lambda m: _made(m[1], m[2], m[3])),
    (rule_pattern(rf"{_HOUR} ?h(?:rs?|ours?)? ?{_MINUTE}"), lambda m: _made(m[1], m[2])),
    (rule_pattern(rf"{_HOUR} {_MINUTE}{_HALF_DAY}"), lambda m: _made(m[1], m[2], m[3])),
    (rule_pattern(rf"{_HOUR}(?:ish)? ?(am|pm)(?:ish)?"), lambda m: _made(m[1], "0", m[2])),
    (rule_pattern(rf"{_HOUR} ?(?:o'clock|uhr|h|hrs|hours)(?: {_MINUTE})?"), lambda m: _made(m[1], m[2] or "0")),
    (rule_pattern(rf"at {_HOUR} {_MINUTE}"), lambda m: _made(m[1], m[2])),
    (rule_pattern(r"(?:at )?([01]\d|2[0-3])([0-5]\d)(?: hours| hrs| h)?(?=\s+(?:\||$|on\b|hours|hrs))"),
     lambda m: Clock(int(m[1]), int(m[2]))),
    (rule_pattern(r"(?:12 )?(noon|midnight)"), lambda m: _NAMED[m[1]]),
    (rule_pattern(r"(\d{1,2}) (30|15|45|20|40|10|50)"), lambda m: _made(m[1], m[2])),
    (rule_pattern(r"(?:at )?(\d{1,2})(?:-?ish)?"), lambda m: _made(m[1])),
)  # fmt: skip
_INTERVAL = re.compile(
    r"(?<![\w.:/-])(?P<from>from |between )?(?P<first>\d{1,2}(?:[:.][0-5]\d)?(?: ?[ap]m)?|noon)"
    r"\s*(?P<to>-|to|until|till|and)\s*(?P<last>\d{1,2}(?:[:.][0-5]\d)?(?: ?[ap]m)?|noon|midnight)(?![\w:/-]|\.\d)"
)


def take_clock(reading: Reading) -> Clock | None:
    return reading.first(RULES)


def take_interval(reading: Reading) -> tuple[Clock, Clock] | None:
    """ "from 2 to 4", "2-4pm", "14:00 - 15:30": both ends; the first takes am or pm from the last."""
    for match in _INTERVAL.finditer(reading.left):
        plain = match["first"].isdigit() and match["last"].isdigit()
        if (match["to"] == "and" and match["from"] != "between ") or (
            plain and not match["from"] and match["to"] != "-"
        ):
            continue
        ends = _ends(match["first"], match["last"])
        if ends:
            reading.left = f"{reading.left[: match.start()]} | {reading.left[match.end() :]}"
            return ends
    return None


def _ends(first: str, last: str) -> tuple[Clock, Clock] | None:
    begin, end = _alone(first), _alone(last)
    if begin is None or end is None:
        return None
    if not begin.sure and end.sure and end.hour >= 12:
        begin = begin.pm() if begin.pm().hour <= end.hour else begin.am()
    return begin, end


def _alone(text: str) -> Clock | None:
    return take_clock(Reading(text))


def choose(clock: Clock, part: str) -> Clock:
    """An unsure reading by the part of the day that was said with it."""
    if clock.sure:
        return clock
    if part in ("morning", "first", "breakfast"):
        return clock.am()
    if part == "night" and clock.hour == 12:
        return Clock(24, clock.minute)
    return clock.am() if part == "night" and clock.hour < 6 else clock.pm()
