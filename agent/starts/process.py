"""What the system knows of a process: when it was born, what it had to fetch from the disk. None: it does not tell."""

import contextlib
import os
import sys
import time
from pathlib import Path


def born_ns() -> int:
    """The birth of this process on the clock of `perf_counter_ns`; Linux tells it to five milliseconds."""
    return time.perf_counter_ns() - int(_age_s() * 1e9)


def _age_s() -> float:
    with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):
        ticks = int(Path("/proc/self/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
        born_s = (ticks + 0.5) / os.sysconf("SC_CLK_TCK")  # somewhen in that tick: its middle is right on average
        return max(0.0, float(time.clock_gettime(time.CLOCK_BOOTTIME) - born_s))
    import psutil

    return max(0.0, time.time() - float(psutil.Process().create_time()))


def disk_bytes(pid: int | None = None) -> int | None:
    """Bytes that were fetched from the disk for a process (this one, if not told), not those that memory still held.
    Linux alone counts so."""
    if not sys.platform.startswith("linux"):
        return None
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).io_counters().read_bytes)
    return None


def major_faults() -> int | None:
    """Pages that this process had to wait for."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_majflt


def booted_at() -> float:
    """Unix seconds."""
    import psutil

    return float(psutil.boot_time())
