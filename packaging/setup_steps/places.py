"""Where set-up puts things: the .venv in the checkout, and a cache in the user's own cache folder.

The cache is shared by every checkout of this user, so a second clone builds and downloads nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MARK = "made-by-carryon-setup"


@dataclass(frozen=True, slots=True)
class Places:
    """`root`: the checkout; `cache`: the folder that every checkout of this user shares."""

    root: Path
    cache: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.script("python")

    def script(self, name: str) -> Path:
        """The path of an installed command inside the .venv."""
        return self.venv / "Scripts" / f"{name}.exe" if sys.platform == "win32" else self.venv / "bin" / name

    @property
    def mark(self) -> Path:
        """Lies in a .venv that set-up made, so that `clean` never removes somebody else's."""
        return self.venv / MARK

    @property
    def stamp(self) -> Path:
        return self.venv / "carryon-setup.json"

    @property
    def pyproject(self) -> Path:
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        return self.root / "packaging" / "constraints.txt"

    @property
    def wheels(self) -> Path:
        return self.cache / "wheels"

    @property
    def builds(self) -> Path:
        return self.cache / "builds"

    @property
    def logs(self) -> Path:
        return self.cache / "setup-logs"


def cache_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """The user's cache folder for Carryon; CARRYON_SETUP_CACHE names another one."""
    if chosen := environ.get("CARRYON_SETUP_CACHE"):
        return Path(chosen).absolute()
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "carryon" / "Cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "carryon"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "carryon"


def here() -> Places:
    """The places of this checkout and this user."""
    return Places(root=CHECKOUT, cache=cache_folder(os.environ))
