"""Runs one command inside another root folder, in namespaces of its own: `unshare … python3 enter.py REQUEST`.

Every mount is made after `unshare`, in a mount namespace that ends with the command. So nothing is ever mounted as
far as the rest of the system is concerned, there is nothing to unmount, and removing the root cannot reach through one.
REQUEST is JSON: {"root", "binds": [paths, read-only], "offline": bool, "user": number, "cwd", "environment", "argv"}.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

SIOCSIFFLAGS = 0x8914
INTERFACE_UP = 0x1


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def bind_read_only(root: Path, outside: Path) -> None:
    """Shows a file or folder of the outer system at the same path inside."""
    inside = root / outside.relative_to("/")
    if outside.is_dir():
        inside.mkdir(parents=True, exist_ok=True)
    elif not inside.exists():
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.touch()
    mount("--bind", str(outside), str(inside))
    mount("-o", "remount,bind,ro", str(inside))


def raise_loopback() -> None:
    """A new network namespace has a loopback device that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", INTERFACE_UP))


def enter(request: dict[str, Any]) -> None:
    """Never returns: becomes the command."""
    root = Path(request["root"])
    mount("-t", "proc", "proc", str(root / "proc"))
    shared_memory = root / "dev" / "shm"
    shared_memory.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "tmpfs", str(shared_memory))
    for path in request["binds"]:
        bind_read_only(root, Path(path))
    if request["offline"]:
        raise_loopback()
    os.chroot(root)
    os.chdir(request["cwd"])
    if request["user"]:
        os.setgroups([])
        os.setgid(request["user"])
        os.setuid(request["user"])
    os.execvpe(request["argv"][0], request["argv"], request["environment"])


if __name__ == "__main__":
    enter(json.loads(sys.argv[1]))
