"""Who holds a lease, and whether that process is still there.

A lease of a process that is surely gone is taken over at once instead of when it runs out, so that an item does not
hang in "sending" for minutes after a crash. Surely means: the same machine, boot and process namespace, and no process
of that number that began at that moment. In any doubt the lease runs its course.
"""

import os
import platform
import uuid
from pathlib import Path


def new_owner() -> str:
    """A name for one dispatcher of this process."""
    return f"{_place()}/{os.getpid()}/{_began(os.getpid())}/{uuid.uuid4().hex[:12]}"


def is_gone(owner: str) -> bool:
    place, pid, began, _ = (*owner.split("/", 3), "", "", "", "")[:4]
    if place != _place() or not pid.isdecimal() or not began:
        return False
    return _began(int(pid)) != began


def _place() -> str:
    """Machine, boot and process namespace, without slashes."""
    parts = [platform.node()]
    for read in (_boot, _namespace):
        parts.append(read())
    return "~".join(parts).replace("/", "_")


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _began(pid: int) -> str:
    """The moment at which a process began, "" when there is none. A zombie has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return ""
    except psutil.AccessDenied:
        return "?"
