"""Files that Carryon hands out are whole or not there: written aside, synced, then renamed into place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from agent.errors import BadRequestError
from agent.store.errors import file_not_written
from agent.store.integrity import MAGIC


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears at `path` when the block ends well; mode 0600. Replaces what was there, but no
    database: a slip of the hand must not cost a profile."""
    if is_database(path):
        raise BadRequestError("There is a database.", str(path), "Choose another name.")
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


def is_database(path: Path) -> bool:
    """Of SQLite, or one of the files that it keeps beside one."""
    itself = path.with_name(path.name.removesuffix("-wal").removesuffix("-shm").removesuffix("-journal"))
    try:
        with itself.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def write_whole(path: Path, content: bytes) -> None:
    with writing(path) as file:
        file.write(content)
