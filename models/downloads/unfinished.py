"""What was paused or cut off: downloads that can go on, for lists and for throwing away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.downloads.lock import alone
from models.downloads.part import Part

LISTED_MAX = 200
_NOTES = ".part.json"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """`name`: of the file in the end; `address` is for people and may lack what its server asks for."""

    name: str
    done: int
    total: int
    address: str


def unfinished(folder: Path) -> tuple[Unfinished, ...]:
    """By name."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted(file.name.removesuffix(_NOTES) for file in folder.glob(f"*{_NOTES}"))
    found = (_look(folder / name) for name in names[:LISTED_MAX])
    return tuple(one for one in found if one is not None)


def _look(target: Path) -> Unfinished | None:
    kept = Part(target).peek()
    return Unfinished(target.name, kept[1], kept[0].total, kept[0].shown) if kept else None


def discard(folder: Path, name: str) -> None:
    """Throw away what has arrived of a file; DownloadError while it is being fetched."""
    target = folder / Path(name).name
    with alone(target):
        Part(target).drop()
