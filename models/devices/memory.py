"""How much of this machine's memory a process can still get: what the system has, cut by what it is allowed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.devices.groups import group_limits


@dataclass(frozen=True, slots=True)
class Memory:
    """`available_bytes`: what can be had without anything being pushed out to the disk; `bound`: what sets that, when
    it is not the machine itself."""

    available_bytes: int
    total_bytes: int
    bound: str = ""


def look() -> Memory:
    machine, used = _from_linux() or _from_elsewhere()
    return min((machine, *_limits(used)), key=lambda one: one.available_bytes)


def _from_linux(process: Path = Path("/proc")) -> tuple[Memory, int] | None:
    """The machine and the address space of this process, without the 13 ms that psutil takes to import: a worker looks
    while its user waits."""
    try:
        rows = dict(line.split(":", 1) for line in (process / "meminfo").read_text().splitlines())
        available, total = (int(rows[name].split()[0]) * 1024 for name in ("MemAvailable", "MemTotal"))
        pages = int((process / "self" / "statm").read_text().split()[0])
        return Memory(available, total), pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, KeyError, ValueError, IndexError, AttributeError):
        return None


def _from_elsewhere() -> tuple[Memory, int]:
    import psutil

    system = psutil.virtual_memory()
    return Memory(int(system.available), int(system.total)), int(psutil.Process().memory_info().vms)


def _limits(used: int) -> Iterator[Memory]:
    """`used`: address space of this process."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft = resource.getrlimit(resource.RLIMIT_AS)[0]
        if soft != resource.RLIM_INFINITY:
            yield Memory(max(0, soft - used), soft, "a limit that was set for this program")
    for group in group_limits():
        yield Memory(group.available, group.total, "a limit of the container or session it runs in")
