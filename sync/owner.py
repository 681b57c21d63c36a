"""Who holds a lease, and whether that process is still there.

A lease of a process that is surely gone is taken over at once instead of when it runs out, so that an item does not
hang in "sending" for minutes after a crash. Surely means: this machine was started anew since; or the same machine,
boot and process namespace, and no process of that number that began at that moment. In any doubt the lease runs its
course. The moment is counted in ticks since the boot where that can be had: a clock may be set.
"""

import os
import platform
import uuid
from pathlib import Path

_UNSEEN = "?"
_TICKS = "t"  # before a number of ticks; a name without it was made by an older Carryon, from the clock
_STARTED = 18  # of what stands behind the state in /proc/PID/stat: field 22, see proc_pid_stat(5)


def new_owner() -> str:
    """A name for one dispatcher of this process."""
    return f"{_place()}/{os.getpid()}/{_began(os.getpid())}/{uuid.uuid4().hex[:12]}"


def is_gone(owner: str) -> bool:
    return is_there(owner) is False


def is_there(owner: str) -> bool | None:
    """Whether that process lives; None where that cannot be seen from here."""
    place, pid, began, _ = (*owner.split("/", 3), "", "", "", "")[:4]
    if _is_before_a_restart(place):
        return False
    if place != _place() or not pid.isdecimal() or not began:
        return None
    now = _began(int(pid))
    if not now:
        return False
    if _UNSEEN in (now, began) or now.startswith(_TICKS) != began.startswith(_TICKS):
        return None
    return now == began


def _is_before_a_restart(place: str) -> bool:
    """Of this machine, by its name, and of another boot of it; what a power cut left behind is never of this one."""
    node, boot, _ = (*place.rsplit("~", 2), "", "")[:3]
    here, now, _ = _place().rsplit("~", 2)
    return node == here and bool(boot) and bool(now) and boot != now


def _place() -> str:
    """Machine, boot and process namespace, without slashes."""
    return "~".join((platform.node(), _boot(), _namespace())).replace("/", "_")


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
    return _ticks(pid) if platform.system() == "Linux" else _moment(pid)


def _ticks(pid: int) -> str:
    """Since this boot: psutil adds the time of the boot, which moves whenever the clock is set."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    except OSError:
        return _UNSEEN
    state, *rest = stat.rpartition(")")[2].split()  # behind the name, in which anything may stand
    return "" if state in "ZX" else f"{_TICKS}{rest[_STARTED]}"


def _moment(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return ""
    except psutil.AccessDenied:
        return _UNSEEN
