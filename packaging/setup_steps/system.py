"""Which system this is, as far as installing packages goes: its family, and how it is told to install something."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Family(Enum):
    """Systems that name and install packages alike. Set-up installs on Debian's; for the others it prints."""

    DEBIAN = "debian"
    FEDORA = "fedora"
    ARCH = "arch"
    SUSE = "suse"
    MACOS = "macos"
    WINDOWS = "windows"
    OTHER = "other"


INSTALL: Mapping[Family, tuple[str, ...]] = {
    Family.DEBIAN: ("apt-get", "install", "-y", "--no-install-recommends"),
    Family.FEDORA: ("dnf", "install"),
    Family.ARCH: ("pacman", "-S", "--needed"),
    Family.SUSE: ("zypper", "install"),
}
TESTED = frozenset({Family.DEBIAN})


@dataclass(frozen=True, slots=True)
class System:
    """`name` is for the reader ("Debian GNU/Linux 12"), `family` for the tables."""

    family: Family
    name: str

    @property
    def tested(self) -> bool:
        return self.family in TESTED

    def install_command(self, packages: Sequence[str]) -> tuple[str, ...]:
        """The words that install `packages` here; empty where there is no one way."""
        start = INSTALL.get(self.family, ())
        return (*start, *packages) if start and packages else ()


def this_system(platform: str = sys.platform, root: Path = Path("/")) -> System:
    """Looks at `root`/etc/os-release on Linux; other systems are known by their platform."""
    if platform == "darwin":
        return System(Family.MACOS, "macOS")
    if platform == "win32":
        return System(Family.WINDOWS, "Windows")
    fields = read_os_release(root)
    return System(family_of(fields), fields.get("PRETTY_NAME") or fields.get("NAME") or "this system")


def read_os_release(root: Path) -> dict[str, str]:
    """The fields of os-release, unquoted; none where the file is missing."""
    for place in ("etc/os-release", "usr/lib/os-release"):
        path = root / place
        if path.is_file():
            pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
            return {key.strip(): value.strip().strip("\"'") for key, value in pairs if not key.startswith("#")}
    return {}


def family_of(fields: Mapping[str, str]) -> Family:
    """ID decides, then ID_LIKE from left to right: `ubuntu debian` and the like."""
    known = {
        "debian": Family.DEBIAN,
        "ubuntu": Family.DEBIAN,
        "fedora": Family.FEDORA,
        "rhel": Family.FEDORA,
        "centos": Family.FEDORA,
        "arch": Family.ARCH,
        "suse": Family.SUSE,
        "opensuse": Family.SUSE,
    }
    words = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    return next((known[word.lower()] for word in words if word.lower() in known), Family.OTHER)
