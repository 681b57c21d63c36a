"""Files that Carryon hands out are whole or not there: written aside, synced, then renamed into place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from agent.store.errors import file_not_written


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears at `path` when the block ends well; mode 0600. Replaces what was there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    except OSError as error:
        raise file_not_written(error, path) from error
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise file_not_written(error, path) from error
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    with writing(path) as file:
        file.write(content)
