"""Ends a program with all that it has started: first politely, then not.

On POSIX a server leads a session of its own, by which its children are found after their parent has died too. On
Windows there is none, so the tree is walked. What left both on purpose (a daemon) is not followed.
"""

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

FAMILY_MAX = 2_000
SAME_START_S = 2.0  # two processes of one number that began within this are one


def family(pid: int, started_at: float) -> "list[psutil.Process]":
    """What is left of it and of all it started. `started_at`: unix seconds; a stranger who was given the same number
    later is told from it by that, and nothing of his is named."""
    import psutil

    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        if abs(first.create_time() - started_at) > SAME_START_S:
            return []
        found[pid] = first
        found |= {child.pid: child for child in first.children(recursive=True)}
    for other in _of_session(pid):
        with contextlib.suppress(psutil.Error):
            found.setdefault(other, psutil.Process(other))
    return list(found.values())[:FAMILY_MAX]


def end(members: "list[psutil.Process]", group: int, *, hard: bool) -> None:
    """The group at once, so that nobody in it forks away in between; then each by itself. psutil knows a process by its
    start too, so a number that was given away since is left alone."""
    import psutil

    if sys.platform != "win32" and any(_leads_to(member, group) for member in members):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL if hard else signal.SIGTERM)
    for member in members:
        with contextlib.suppress(psutil.Error):
            if hard:
                member.kill()
            else:
                member.terminate()


def _of_session(leader: int) -> list[int]:
    """Numbers of the processes in the session that it leads, or led."""
    if sys.platform == "win32":
        return []
    import psutil

    found: list[int] = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def _leads_to(member: "psutil.Process", group: int) -> bool:
    if sys.platform == "win32":
        return False
    with contextlib.suppress(OSError):
        return member.is_running() and os.getpgid(member.pid) == group
    return False
