"""Is there room on the disk? Asked before the work, because a disk that fills up midway is a worse message."""

from __future__ import annotations

import shutil
from pathlib import Path

from setup_steps.errors import SetupError


def enough_room(folder: Path, wanted_bytes: int, purpose: str) -> None:
    """Raises when the disk that holds `folder` has less than `wanted_bytes` free."""
    free = shutil.disk_usage(folder).free
    if free < wanted_bytes:
        raise SetupError(
            f"Too little room on the disk for {purpose}: {free / 1e9:.1f} GB free, {wanted_bytes / 1e9:.1f} GB wanted.",
            where=str(folder),
            do="Free some space there. Downloads and builds may go elsewhere: name a folder in CARRYON_SETUP_CACHE.",
        )
