"""Parts of the day: where a reminder falls when only "tomorrow morning" was said, and what a list of it spans."""

import re
from dataclasses import dataclass

from agent.times.reading import Reading, Rule, rule_pattern


@dataclass(frozen=True, slots=True)
class Part:
    """`at`: minutes after midnight of a reminder; `begins`, `ends`: of the part itself; `today`: the words say so."""

    name: str
    at: int
    begins: int
    ends: int
    today: bool = False


def _hours(at: float, begins: float, ends: float) -> tuple[int, int, int]:
    return int(at * 60), int(begins * 60), int(ends * 60)


_PARTS = {
    "morning": _hours(9, 5, 12),
    "lunch": _hours(12.5, 12, 14),
    "afternoon": _hours(15, 12, 18),
    "evening": _hours(19, 17, 23),
    "night": _hours(20, 18, 24),
    "close": _hours(17, 0, 17),  # end of the working day
    "first": _hours(8, 5, 12),
    "after lunch": _hours(13.5, 13, 15),
    "bedtime": _hours(22, 21, 24),
    "breakfast": _hours(8, 6, 10),
}


def _part(name: str, *, today: bool = False) -> Part:
    return Part(name, *_PARTS[name], today)


RULES: tuple[Rule[Part], ...] = (
    (rule_pattern(r"(?:first|1st) thing(?: in the morning)?"), lambda _m: _part("first")),
    (
        rule_pattern(r"(?:the )?(?:close|end) of (?:the )?(?:business|play|day|work|working day|workday)"),
        lambda _m: _part("close"),
    ),
    (rule_pattern(r"close|after work"), lambda _m: _part("close")),
    (rule_pattern(r"after lunch"), lambda _m: _part("after lunch")),
    (rule_pattern(r"tonight"), lambda _m: _part("night", today=True)),
    (
        rule_pattern(r"this (?:early |late )?(morning|afternoon|evening)"),
        lambda m: _part(m[1], today=True),
    ),
    (rule_pattern(r"(?:early |late |in |at )*(?:the )?(morning|afternoon|evening|night)s?"), lambda m: _part(m[1])),
    (rule_pattern(r"(?:at )?lunch ?(?:time|break)?"), lambda _m: _part("lunch")),
    (rule_pattern(r"(?:at )?(?:dinner|supper) ?(?:time)?"), lambda _m: _part("evening")),
    (rule_pattern(r"(?:at )?bed ?time|before bed"), lambda _m: _part("bedtime")),
    (rule_pattern(r"(?:at |before |after )?breakfast(?: ?time)?"), lambda _m: _part("breakfast")),
)


def take_part(reading: Reading) -> Part | None:
    return reading.first(RULES)


NOW = re.compile(r"(?:right )?now|immediately|straight away|right away|asap")
