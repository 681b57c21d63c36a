"""A small JSON file that is either the old one or the new one, never half of either: 0600, its folder 0700."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

BYTES_MAX = 4 * 1024 * 1024


def read_json(file: Path) -> Any:
    """OSError when it cannot be read, ValueError when it is too large or no JSON."""
    with file.open("rb") as stream:
        data = stream.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise ValueError(f"{file} is larger than {BYTES_MAX:,} bytes")
    return json.loads(data)


def write_json(file: Path, value: Any) -> None:
    """Write beside it, force to disk, put in place."""
    import tempfile  # brings a dozen modules along; not while the window is starting

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600 from the start
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(value, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
