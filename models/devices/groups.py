"""What the control groups of Linux allow: a container, a session, a service may get less memory than the machine has.

Both versions are read. Pages of files that can be read again at any time (a mapped model above all) count as free, as
the system itself counts them: else a container that has just read a model would seem full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOUNTED = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
DEPTH_MAX = 32
UNLIMITED = 2**60  # bytes; the first version tells some such number where there is no limit
CHARACTERS_MAX = 16_384  # of one file


@dataclass(frozen=True, slots=True)
class GroupLimit:
    """In bytes. `available`: what can be had before the limit, `total`, is met."""

    available: int
    total: int


@dataclass(frozen=True, slots=True)
class _Files:
    """What a version calls them. `again`: the rows that count pages of files."""

    limit: str
    used: str
    again: tuple[str, str]


_SECOND = _Files("memory.max", "memory.current", ("active_file", "inactive_file"))
_FIRST = _Files(
    "memory.limit_in_bytes", "memory.usage_in_bytes", ("total_active_file", "total_inactive_file")
)  # fmt: skip


def group_limits(mounted: Path = MOUNTED, own: Path = OWN) -> Iterator[GroupLimit]:
    """Of the group that this process is in, and of those around it; none where there are no control groups."""
    for root, inside, files in _groups(mounted, own):
        for part in (inside, *inside.parents)[:DEPTH_MAX]:  # what a container sees may begin further down
            yield from _limit(root / part, files)


def _groups(mounted: Path, own: Path) -> Iterator[tuple[Path, PurePosixPath, _Files]]:
    """Lines are `number:controllers:path`; the second version has neither number nor controllers."""
    with suppress(OSError, ValueError):
        for line in _text(own).splitlines():
            _, controllers, path = line.split(":", 2)
            inside = PurePosixPath(path.lstrip("/"))
            if ".." in inside.parts:
                continue
            if not controllers:
                yield mounted, inside, _SECOND
            elif "memory" in controllers.split(","):
                yield mounted / "memory", inside, _FIRST


def _limit(folder: Path, files: _Files) -> Iterator[GroupLimit]:
    with suppress(OSError, ValueError):
        told = _text(folder / files.limit).strip()
        limit = UNLIMITED if told == "max" else int(told)
        if limit < UNLIMITED:
            used = int(_text(folder / files.used)) - _read_again(folder, files)
            yield GroupLimit(max(0, limit - max(0, used)), limit)


def _read_again(folder: Path, files: _Files) -> int:
    """0 where that is not told."""
    with suppress(OSError, ValueError):
        rows: Mapping[str, str] = dict(line.split(" ", 1) for line in _text(folder / "memory.stat").splitlines())
        return sum(int(rows.get(name, "0")) for name in files.again)
    return 0


def _text(file: Path) -> str:
    with file.open(encoding="ascii") as opened:
        return opened.read(CHARACTERS_MAX)
