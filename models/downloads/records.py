"""What is told of a download: its steps while it runs, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Phase = Literal["asking", "fetching", "waiting", "checking"]
SaidBy = Literal["you", "publisher", "first use"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a download stands. `total` 0: not known yet; `bytes_per_second`, `seconds_left` None: too early to tell.

    `note`: what the user should know of the way it goes, such as one connection where several were wanted.
    """

    phase: Phase
    done: int
    total: int
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    connections: int = 0
    note: str = ""


Watch = Callable[[Step], bool]  # False stops; called from the download's threads, one at a time, and must not block


def keep_on(_step: Step) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fetched:
    """`resumed_at`: bytes that earlier attempts had left; `said_by`: whose digest it was compared with; `already`: it
    lay there whole, and nothing was asked for."""

    path: Path
    sha256: str
    size_bytes: int
    resumed_at: int = 0
    said_by: SaidBy = "first use"
    already: bool = False
