"""The saved beginning that will most likely be wanted, read and checked before the model is there to take it up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models import wire
from models.snapshots.budget import BUDGET_BYTES
from models.snapshots.folder import Snapshots
from models.snapshots.packing import Saved


@dataclass(frozen=True, slots=True)
class Early:
    name: str
    saved: Saved


def read_early(folder: Snapshots, base_sha256: str) -> Early | None:
    """Every byte checked; DamagedError, and it has been set aside, or OSError. None: there is none."""
    name = folder.newest_prefix(base_sha256) if base_sha256 else None
    saved = folder.load(name) if name else None
    return Early(name, saved) if name and saved else None


def snapshots_of(start: wire.Start) -> Snapshots:
    return Snapshots(Path(start.snapshots), start.snapshot_bytes or BUDGET_BYTES)
