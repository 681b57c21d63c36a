"""What Carryon needs of the operating system, as a table: how it is looked for, and which package brings it.

Looked for by the thing itself (does the library load, is the program there), never by a package database: what was
installed by other means counts too. The libraries are those that Qt's own files ask for in a system that has nothing
(`ldd` over libqxcb.so, libqwayland.so, libqoffscreen.so and the libraries they load); `make fresh` proves the list.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from setup_steps.system import Family

VENV_PACKAGE = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
FONT_FOLDERS = ("usr/share/fonts", "usr/local/share/fonts", "run/host/fonts")
FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".pfb"})
ALIASES = {"c++": ("c++", "g++", "clang++")}


class Kind(Enum):
    LIBRARY = "library"
    PROGRAM = "program"
    MODULE = "Python module"
    FONT = "font"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing, why it is needed, and the packages that bring it on Debian, Fedora, Arch and openSUSE."""

    kind: Kind
    thing: str
    why: str
    debian: str
    fedora: str = ""
    arch: str = ""
    suse: str = ""

    def package(self, family: Family) -> str:
        """The package's name on that family; empty where a bare system has it or nobody knows."""
        names = {
            Family.DEBIAN: self.debian,
            Family.FEDORA: self.fedora,
            Family.ARCH: self.arch,
            Family.SUSE: self.suse,
        }
        return names.get(family, "")


_WINDOW = "Qt, every window"
_X11 = "windows on X11"
_WAYLAND = "windows on Wayland"
# library, why, and its package on Debian, Fedora, Arch, openSUSE
_LIBRARIES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("libglib-2.0.so.0", _WINDOW, "libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    ("libgthread-2.0.so.0", _WINDOW, "libglib2.0-0", "glib2", "glib2", "libgthread-2_0-0"),
    ("libdbus-1.so.3", _WINDOW, "libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    ("libEGL.so.1", _WINDOW, "libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    ("libGL.so.1", _WINDOW, "libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    ("libX11.so.6", _WINDOW, "libx11-6", "libX11", "libx11", "libX11-6"),
    ("libfontconfig.so.1", "finding fonts", "libfontconfig1", "fontconfig", "fontconfig", "libfontconfig1"),
    ("libfreetype.so.6", "drawing text", "libfreetype6", "freetype", "freetype2", "libfreetype6"),
    ("libxkbcommon.so.0", "keyboards", "libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    ("libxkbcommon-x11.so.0", _X11, "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11", "libxkbcommon-x11-0"),
    ("libX11-xcb.so.1", _X11, "libx11-xcb1", "libX11-xcb", "libx11", "libX11-xcb1"),
    ("libxcb.so.1", _X11, "libxcb1", "libxcb", "libxcb", "libxcb1"),
    ("libxcb-cursor.so.0", _X11, "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor", "libxcb-cursor0"),
    ("libxcb-glx.so.0", _X11, "libxcb-glx0", "libxcb", "libxcb", "libxcb-glx0"),
    ("libxcb-icccm.so.4", _X11, "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    ("libxcb-image.so.0", _X11, "libxcb-image0", "xcb-util-image", "xcb-util-image", "libxcb-image0"),
    ("libxcb-keysyms.so.1", _X11, "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms", "libxcb-keysyms1"),
    ("libxcb-randr.so.0", _X11, "libxcb-randr0", "libxcb", "libxcb", "libxcb-randr0"),
    ("libxcb-render.so.0", _X11, "libxcb-render0", "libxcb", "libxcb", "libxcb-render0"),
    ("libxcb-render-util.so.0", _X11, "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil",
     "libxcb-render-util0"),
    ("libxcb-shape.so.0", _X11, "libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    ("libxcb-shm.so.0", _X11, "libxcb-shm0", "libxcb", "libxcb", "libxcb-shm0"),
    ("libxcb-sync.so.1", _X11, "libxcb-sync1", "libxcb", "libxcb", "libxcb-sync1"),
    ("libxcb-util.so.1", _X11, "libxcb-util1", "xcb-util", "xcb-util", "libxcb-util1"),
    ("libxcb-xfixes.so.0", _X11, "libxcb-xfixes0", "libxcb", "libxcb", "libxcb-xfixes0"),
    ("libxcb-xkb.so.1", _X11, "libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
    ("libwayland-client.so.0", _WAYLAND, "libwayland-client0", "libwayland-client", "wayland", "libwayland-client0"),
    ("libwayland-cursor.so.0", _WAYLAND, "libwayland-cursor0", "libwayland-cursor", "wayland", "libwayland-cursor0"),
    ("libwayland-egl.so.1", _WAYLAND, "libwayland-egl1", "libwayland-egl", "wayland", "libwayland-egl1"),
    ("libgomp.so.1", "a model on several cores", "libgomp1", "libgomp", "gcc-libs", "libgomp1"),
)  # fmt: skip
LIBRARIES = tuple(Need(Kind.LIBRARY, *row) for row in _LIBRARIES)
FONT = Need(
    Kind.FONT, "a font", "text in the window", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu", "dejavu-fonts"
)
VENV = Need(Kind.MODULE, "ensurepip", "Carryon's own Python environment", VENV_PACKAGE, "python3", "python", "python3")
COMPILER = Need(Kind.PROGRAM, "c++", "building llama.cpp, once", "g++", "gcc-c++", "gcc", "gcc-c++")


@dataclass(frozen=True, slots=True)
class Sight:
    """How things are looked for. `root` is the system's root folder, `home` the user's."""

    root: Path
    home: Path

    def has(self, need: Need) -> bool:
        match need.kind:
            case Kind.LIBRARY:
                return self.has_library(need.thing)
            case Kind.PROGRAM:
                return any(shutil.which(name) for name in ALIASES.get(need.thing, (need.thing,)))
            case Kind.MODULE:
                return importlib.util.find_spec(need.thing) is not None
            case Kind.FONT:
                return self.has_font()

    def has_library(self, name: str) -> bool:
        """Lets the system's own loader decide, as it will for Qt."""
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    def has_font(self) -> bool:
        folders = [self.root / part for part in FONT_FOLDERS]
        folders += [self.home / ".fonts", self.home / ".local" / "share" / "fonts"]
        return any(path.suffix.lower() in FONT_SUFFIXES for folder in folders for path in files_under(folder))


def sight_here() -> Sight:
    return Sight(Path("/"), Path.home())


def files_under(folder: Path) -> Iterator[Path]:
    """Every path below a folder; none where it does not exist."""
    return folder.rglob("*") if folder.is_dir() else iter(())


def wanted(*, building: bool, platform: str = sys.platform) -> tuple[Need, ...]:
    """The needs of this platform; the compiler only if llama.cpp is still to be built."""
    if not platform.startswith("linux"):
        return ()
    return (VENV, *LIBRARIES, FONT, *((COMPILER,) if building else ()))


def missing(needs: Iterable[Need], sight: Sight) -> tuple[Need, ...]:
    return tuple(need for need in needs if not sight.has(need))


def packages_for(needs: Iterable[Need], family: Family) -> tuple[str, ...]:
    """Each package once, in the table's order."""
    return tuple(dict.fromkeys(name for need in needs if (name := need.package(family))))
