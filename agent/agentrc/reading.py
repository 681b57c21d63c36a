"""The bytes of a settings file. A pipe or a device in its place is refused: reading one may never end."""

import errno
import os
import stat
from pathlib import Path

from agent.agentrc.parse import FILE_BYTES_MAX

WHOLE = -1


def read(file: Path, most: int = FILE_BYTES_MAX + 1) -> bytes:
    """At most `most` bytes of a plain file, or none of the null device. Raises OSError for anything else."""
    mode = file.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or str(file) == os.devnull):
        raise OSError(errno.EINVAL, "It is no plain file", str(file))
    with file.open("rb") as opened:
        return opened.read(most)
