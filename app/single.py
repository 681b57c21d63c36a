"""One window for a profile: a second start brings the first one to the front, and ends.

Who holds the lock has the window; the system lets go of it when that process ends, however it ends. The others knock at
its door, a local socket that is the user's alone. Needed before the first paint, so it imports next to nothing.
"""

import os
import time
from pathlib import Path

LOCK, DOOR = "window.lock", "window.door"
KNOCK, HEARD = b"show\n", b"shown\n"
ANSWER_S_MAX = 2.0  # a window that has not answered by then hangs: the user gets another one
OPENING_S_MAX = 4.0  # the first may still be opening
AGAIN_S = 0.05
ADDRESS_BYTES_MAX = 100  # of a socket's path, on any system; where it is longer there may be two windows


def is_second(folder: Path) -> bool:
    """Whether a window of this profile is open and was shown just now. If not, this process may open one."""
    return claim(folder) is None and summon(folder)


def claim(folder: Path) -> int | None:
    """Take the lock, for as long as this process lives; None: another process has it."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return -1  # a window comes first
    if _held_by_another(handle):
        os.close(handle)
        return None
    return handle


def summon(folder: Path, opening_s: float = OPENING_S_MAX) -> bool:
    """Have the window shown that another process has; False: nobody answers."""
    until = time.monotonic() + opening_s
    while (heard := _knock(folder)) is None and time.monotonic() < until:
        time.sleep(AGAIN_S)
    return bool(heard)


def door(folder: Path) -> str | None:
    """Where the window listens: the path of a socket, or the name of a pipe; None: there is no room for its name."""
    if os.name == "nt":
        import hashlib

        return f"carryon-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]}"
    path = str(folder / DOOR)
    return path if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX else None


def _held_by_another(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:
        return False  # a disk that knows no locks
    return False


def _knock(folder: Path) -> bool | None:
    """True: heard. False: somebody is there and does not answer. None: nobody is there, perhaps not yet."""
    address = door(folder)
    if address is None:
        return False
    return _knock_at_pipe(address) if os.name == "nt" else _knock_at_socket(address)


def _knock_at_socket(address: str) -> bool | None:
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_S_MAX)
        try:
            line.connect(address)
        except OSError:
            return None
        try:
            line.sendall(KNOCK)
            return line.recv(len(HEARD)) == HEARD
        except OSError:
            return False


def _knock_at_pipe(name: str) -> bool | None:
    """A pipe has no time-out of its own, so it is asked on a thread that may be left behind."""
    from queue import Empty, SimpleQueue
    from threading import Thread

    said: SimpleQueue[bool | None] = SimpleQueue()

    def ask() -> None:
        try:
            with Path(rf"\\.\pipe\{name}").open("r+b", buffering=0) as pipe:
                pipe.write(KNOCK)
                said.put(pipe.read(len(HEARD)) == HEARD)
        except OSError:
            said.put(None)

    Thread(target=ask, daemon=True).start()
    try:
        return said.get(timeout=ANSWER_S_MAX)
    except Empty:
        return False
