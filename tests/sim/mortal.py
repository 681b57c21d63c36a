"""Processes that die by SIGKILL at a chosen moment. Forked from a warm parent, a death costs milliseconds."""

import os
import signal
import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.sim.profiles import open_connection

CHILD_S = 30


class Death:
    """How this process is to die: at the n-th time that `name` is passed; "sql" counts statements."""

    def __init__(self, name: str = "", n: int = 1) -> None:
        self.name, self.left = name, n
        self.armed = False

    def passes(self, name: str) -> None:
        if self.armed and name == self.name:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def connect(self, path: Path) -> sqlite3.Connection:
        connection = open_connection(path)
        connection.set_trace_callback(lambda _: self.passes("sql"))
        return connection


def child(work: Callable[[int], None]) -> tuple[int, int]:
    """Fork; the child does `work` with the writing end of a pipe and leaves. Its id and the reading end."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    status = 1
    try:
        os.close(reading)
        signal.alarm(CHILD_S)
        work(writing)
        status = 0
    except Exception:  # noqa: BLE001  told before the process is gone
        traceback.print_exc()
    finally:
        os._exit(status)


def wait(pid: int, reading: int) -> tuple[bytes, bool]:
    """What the child wrote, and whether it was killed. A child that fails otherwise ends the sweep."""
    words = b""
    while piece := os.read(reading, 65_536):
        words += piece
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and status != 0:
        raise RuntimeError(f"a child ended with status {status}")
    return words, killed
