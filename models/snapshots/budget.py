"""How much the folder may hold, and what has to go so that it does. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from models.snapshots.listing import Entry

BUDGET_BYTES = 1024 * 1024 * 1024
FREE_SHARE = 10  # at most a tenth of what is free is taken
FILE_SHARE = 2  # one file may take half
FILES_MAX = 500


def limit(budget: int, free: int, taken: int) -> int:
    """Bytes that all files may take. `free`: on the disk now; `taken`: by the files there are."""
    return min(budget, (free + taken) // FREE_SHARE)


def surplus(entries: Sequence[Entry], room: int, allowed: int) -> list[Entry]:
    """Which of `entries`, those first that can best be spared, must go to leave `room` bytes of those `allowed`."""
    total, count = sum(entry.bytes for entry in entries), len(entries)
    going: list[Entry] = []
    for entry in entries:
        if total + room <= allowed and count < FILES_MAX:
            break
        going.append(entry)
        total, count = total - entry.bytes, count - 1
    return going
