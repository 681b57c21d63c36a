"""The copies of a database that lie beside it. Making them is backup.py, putting one back restoring.py."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Copy:
    path: Path
    made_at: int  # unix milliseconds
    size_bytes: int


def backups_of(database: Path) -> Path:
    """The folder of copies of this database."""
    return database.parent / "backups"


def aside(database: Path) -> str:
    """How the names of whole databases begin that were kept when a copy was put back, with their logs."""
    return f"{database.name}.kept-"


def copies(folder: Path) -> tuple[Copy, ...]:
    """Newest first."""
    found = [Copy(path, int(path.stat().st_mtime * 1000), path.stat().st_size) for path in folder.glob("*.db")]
    return tuple(sorted(found, key=lambda copy: (copy.made_at, copy.path.name), reverse=True))
