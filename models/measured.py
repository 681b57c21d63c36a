"""What a model costs on this machine, as rows that outlive the measuring: measured.json in the data folder.

A row names the machine by what it is made of, never by its name or its user's, so that old rows of another machine
(a profile that moved) are told apart.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from models.errors import MeasuresBadError
from models.json_file import read_json, write_json

ROWS_MAX = 50  # the newest
FILE = "measured.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Device:
    """`fingerprint`: twelve hex digits of processor, cores, memory and system; `about`: the same for people."""

    fingerprint: str
    about: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One measuring. Times are in milliseconds of whole requests; None: this system does not tell."""

    model: str
    sha256: str
    measured_at: int  # unix milliseconds
    device: str
    device_about: str
    requests: int
    first_token_ms_median: float
    first_token_ms_p95: float
    median_ms: float
    p95_ms: float
    requests_per_second: float
    memory_bytes: int | None  # the most that the process held
    cpu_seconds: float | None  # of a request
    disk_bytes: int

    @property
    def measures(self) -> dict[str, float]:
        """By the names of a contract's limits."""
        found = {"disk_bytes": self.disk_bytes, "median_ms": self.median_ms, "memory_bytes": self.memory_bytes}
        return {name: float(value) for name, value in found.items() if value is not None}


def this_device() -> Device:
    import psutil

    cores = os.cpu_count() or 1
    memory_gb = round(psutil.virtual_memory().total / 1e9)
    parts = (_processor(), f"{cores} cores" if cores > 1 else "1 core", f"{memory_gb} GB", platform.system())
    about = ", ".join(part for part in parts if part)
    return Device(hashlib.sha256(about.encode()).hexdigest()[:12], about)


def _processor() -> str:
    """The processor's model; its family where the system does not say more."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        name = platform.processor()
    return " ".join(name.split())[:80] or platform.machine()


class Measures:
    """Rows by age. Several processes may write; each writes the whole file, the last one wins."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / FILE

    def rows(self) -> tuple[Measured, ...]:
        """Newest first."""
        try:
            plain = read_json(self._file)
            return tuple(_row(entry) for entry in plain["rows"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise MeasuresBadError(
                f"What was measured here cannot be read: {error}.", str(self._file),
                "Move that file away and measure again.",
            ) from error  # fmt: skip

    def newest(self, sha256: str, device: str) -> Measured | None:
        """Of these weights on this machine."""
        return next((row for row in self.rows() if (row.sha256, row.device) == (sha256, device)), None)

    def add(self, row: Measured) -> None:
        rows = sorted((row, *self.rows()), key=lambda one: -one.measured_at)[:ROWS_MAX]
        try:
            write_json(self._file, {"schema": SCHEMA, "rows": [asdict(one) for one in rows]})
        except OSError as error:
            raise MeasuresBadError(
                f"What was measured could not be saved: {error.strerror or error}.", str(self._file),
                "Free some disk space and measure again.",
            ) from error  # fmt: skip


def _row(plain: Mapping[str, Any]) -> Measured:
    return Measured(**{one.name: plain[one.name] for one in fields(Measured)})
