"""How hard memory and battery press, judged from one reading. Pure: a reading comes in, a level goes out.

Between LOW and CALM lies a band in which whatever is stays as it is, so a reading that wavers moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

MB = 1_000_000


class Level(IntEnum):
    CALM = 0  # what was let go may come back
    FAIR = 1  # whatever is stays
    LOW = 2  # let go what is not in use
    OUT = 3  # almost nothing is left


@dataclass(frozen=True, slots=True)
class Reading:
    """What the system says of itself. None: it does not say, and nothing is judged by it."""

    available_bytes: int | None = None  # of memory, without making others slow
    total_bytes: int | None = None
    swap_percent: float | None = None  # in use; None also where there is no swap
    battery_percent: float | None = None
    plugged: bool | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Of memory the smaller of share and bytes counts: small machines are used fuller, large ones have room."""

    low_share: float = 0.08
    low_bytes: int = 1_000 * MB
    out_share: float = 0.03
    out_bytes: int = 400 * MB
    calm_factor: float = 2.0  # times low, and room for what would come back
    swap_full_percent: float = 90.0  # from there on low begins at twice as much
    battery_low_percent: float = 20.0
    battery_calm_percent: float = 25.0


def memory_level(reading: Reading, returning_bytes: int, thresholds: Thresholds) -> Level | None:
    """`returning_bytes`: what a worker that rests would take again; without room for it, it would only go at once."""
    available, total = reading.available_bytes, reading.total_bytes
    if available is None or not total or available < 0:
        return None
    low = min(thresholds.low_share * total, thresholds.low_bytes)
    if available < min(thresholds.out_share * total, thresholds.out_bytes):
        return Level.OUT
    if reading.swap_percent is not None and reading.swap_percent >= thresholds.swap_full_percent:
        low *= 2
    if available < low:
        return Level.LOW
    return Level.CALM if available >= thresholds.calm_factor * low + returning_bytes else Level.FAIR


def battery_level(reading: Reading, thresholds: Thresholds) -> Level | None:
    if reading.plugged:
        return Level.CALM
    percent = reading.battery_percent
    if reading.plugged is None or percent is None or not 0 <= percent <= 100:
        return None
    if percent <= thresholds.battery_low_percent:
        return Level.LOW
    return Level.CALM if percent >= thresholds.battery_calm_percent else Level.FAIR
