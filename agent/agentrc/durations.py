"""Lengths of time as the settings write them: "90s", "5m", "2h", "7d"."""

import re

LONGEST_S = 366 * 86_400
_SHAPE = re.compile(r"(\d{1,9})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def seconds(text: str) -> int | None:
    """None: this is no length of time, or longer than a year."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    found = int(match[1]) * _SECONDS[match[2]]
    return found if found <= LONGEST_S else None


def written(length_s: int) -> str:
    """In the largest unit that fits evenly: 604800 is "7d"."""
    unit = next((unit for unit in ("d", "h", "m") if length_s and length_s % _SECONDS[unit] == 0), "s")
    return f"{length_s // _SECONDS[unit]}{unit}"
