"""Hybrid logical clock: wall time in milliseconds and a count within them, in one integer that sorts.

Each change is stamped by triggers (schema.py) in the transaction that makes it. A stamp is later than all that this
laptop had seen, so that what was done knowingly after something else also counts as later, however wrong the clocks
are. A clock that is ahead by more than a day is not followed: what carries its stamps is taken as it is, and a field
that is changed after it gets a stamp one higher, but no other change does.
"""

import sqlite3
from dataclasses import dataclass

COUNT_BITS = 16
AHEAD_MS_MAX = 86_400_000  # of another laptop's clock, or of our own a while ago
STAMP_MAX = 1 << 62  # the year 4199; larger ones are no times

NOW_MS_SQL = "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)"
TICK_SQL = (
    f"CASE WHEN hlc > ({NOW_MS_SQL} + {AHEAD_MS_MAX}) << {COUNT_BITS} THEN {NOW_MS_SQL} << {COUNT_BITS}"
    f" ELSE max(hlc + 1, {NOW_MS_SQL} << {COUNT_BITS}) END"
)


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When and where; equal times are decided by the id of the laptop, so that any two stamps have an order."""

    hlc: int = 0
    replica: str = ""


def of_ms(milliseconds: int) -> int:
    return milliseconds << COUNT_BITS


def to_ms(hlc: int) -> int:
    return hlc >> COUNT_BITS


def hear(connection: sqlite3.Connection, hlc: int) -> int:
    """Go on from the stamp of another laptop, unless its clock is too far ahead: then by how many milliseconds."""
    now = int(connection.execute(f"SELECT {NOW_MS_SQL}").fetchone()[0])
    ahead = to_ms(hlc) - now
    if ahead > AHEAD_MS_MAX:
        return ahead
    connection.execute("UPDATE replica SET hlc = max(hlc, ?)", (hlc,))
    return 0
