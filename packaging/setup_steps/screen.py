"""Is there a screen to open a window on? Asked before Qt is, because Qt ends the process when there is none."""

from __future__ import annotations

import sys
from collections.abc import Mapping

WINDOWLESS = frozenset({"offscreen", "minimal"})


def why_no_screen(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """The reason in words, or nothing when a window can be opened."""
    chosen = environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if chosen in WINDOWLESS:
        return f"QT_QPA_PLATFORM={chosen} asks for none"
    if chosen or platform in {"win32", "darwin"}:
        return ""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ""
    return "neither DISPLAY nor WAYLAND_DISPLAY is set"
