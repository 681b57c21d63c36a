"""What the starter's card says was measured: rows by capability, reliability, costs. Nobody writes it by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ContractBadError

FILE = Path(__file__).with_name("card.json")
BYTES_MAX = 4 * 1024 * 1024
ROWS_MAX = 1_000

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """Cases of one capability: in how many all was right, in how many the right thing was done. `false_n`,
    `false_share` (hand-off): of so many requests that it can do, the share handed off all the same."""

    name: str
    n: int
    exact: float
    outcome: float
    exact_interval: Interval = (0.0, 1.0)
    outcome_interval: Interval = (0.0, 1.0)
    false_n: int = 0
    false_share: float = 0.0

    @property
    def exact_right(self) -> int:
        return round(self.exact * self.n)

    @property
    def outcome_right(self) -> int:
        return round(self.outcome * self.n)


@dataclass(frozen=True, slots=True)
class Step:
    """Of the answers whose certainty lay from `low` to `high`: how sure they said to be, how often they were right."""

    low: float
    high: float
    n: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    sha256: str
    rows: tuple[Row, ...]
    reliability: tuple[Step, ...]
    measures: Mapping[str, float]  # by the name of a limit
    teacher: Mapping[str, str] | None
    quantisation: str
    measured_on: str

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)


def read(file: Path = FILE) -> Card:
    try:
        raw = file.read_bytes()
        if len(raw) > BYTES_MAX:
            raise ValueError(f"it is larger than {BYTES_MAX:,} bytes")
        return card_of(json.loads(raw))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ContractBadError(
            f"The starter's card cannot be read: {error}.", str(file), "Measure again: python -m models.distill card."
        ) from error


def card_of(plain: Mapping[str, Any]) -> Card:
    rows = [row_of(entry) for entry in plain.get("capabilities", ())]
    if len(rows) > ROWS_MAX:
        raise ValueError(f"it has {len(rows):,} rows; {ROWS_MAX:,} is the most")
    measures = {**_numbers(plain.get("costs")), **_numbers(plain.get("floors"))}
    if isinstance(size := plain.get("bytes"), int):
        measures.setdefault("disk_bytes", float(size))
    teacher = plain.get("teacher")
    quantisation = plain.get("quantisation") or plain.get("architecture", {}).get("quantization", "")
    return Card(
        str(plain["name"]), str(plain["sha256"]), tuple(rows),
        tuple(Step(float(s["low"]), float(s["high"]), int(s["n"]), float(s["said"]), float(s["right"]))
              for s in plain.get("reliability", ())),
        measures,
        {str(key): str(value) for key, value in teacher.items()} if isinstance(teacher, Mapping) else None,
        _told(quantisation), str(plain.get("measured_on", "")),
    )  # fmt: skip


def row_of(entry: Mapping[str, Any]) -> Row:
    n, exact, outcome = int(entry["n"]), float(entry["exact"]), float(entry["outcome"])
    if n < 0 or not 0 <= exact <= 1 or not 0 <= outcome <= 1:
        raise ValueError(f"the row {entry.get('name')!r} holds shares that are none")
    return Row(
        str(entry["name"]), n, exact, outcome, _interval(entry.get("exact_interval")),
        _interval(entry.get("outcome_interval")), int(entry.get("false_n", 0)), float(entry.get("false_share", 0.0)),
    )  # fmt: skip


def _interval(value: Any) -> Interval:
    low, high = value or (0.0, 1.0)
    return float(low), float(high)


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): float(entry) for key, entry in value.items()
            if isinstance(entry, (int, float)) and not isinstance(entry, bool)}  # fmt: skip


def _told(value: Any) -> str:
    return str(value.get("kind", "")) if isinstance(value, Mapping) else str(value)
