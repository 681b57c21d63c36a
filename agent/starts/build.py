"""Which build this is: a fingerprint of the program's own files, of Python, and of the window's library."""

import hashlib
import os
import platform
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "app", "models", "sync")
FILES_MAX = 20_000
WINDOW = "PySide6"


def app_build(root: Path = ROOT) -> str:
    """Twelve hex digits. Names, sizes and times of the sources are looked at, not their text: some milliseconds."""
    seen = hashlib.sha256()
    seen.update(f"{platform.python_version()} {_stamp(find_spec(WINDOW))}\n".encode())
    for package in PACKAGES:
        for line in sorted(_files(root / package, package))[:FILES_MAX]:
            seen.update(line.encode("utf-8", "surrogateescape"))
    return seen.hexdigest()[:12]


def _stamp(found: ModuleSpec | None) -> str:
    """Which installation of a library this is; nothing of it is imported."""
    try:
        about = Path(found.origin).stat() if found and found.origin else None
    except OSError:
        about = None
    return f"{about.st_size} {about.st_mtime_ns}" if about else ""


def _files(folder: Path, name: str) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    found.extend(_files(Path(entry.path), f"{name}/{entry.name}"))
            elif entry.name.endswith(".py"):
                about = entry.stat()
                found.append(f"{name}/{entry.name} {about.st_size} {about.st_mtime_ns}\n")
    return found
